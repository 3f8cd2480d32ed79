namespace Clouds.Graph.Onnx;

/// <summary>Files beside a model: of its own folder only, with no absolute paths, no way up, and no links that lead out.</summary>
internal static class ExternalFiles
{
    /// <summary>The path of a file that a model names; null, and what is wrong with the name, where the model may not have it.</summary>
    public static string? Find(string folder, string file, out string? fault)
    {
        bool plain = file.Length > 0 && !Path.IsPathRooted(file) && !file.Contains('\\')
            && !file.Contains(':') && !file.Contains('\0') && file.Split('/').All(part => part is not ("" or "." or ".."));
        fault = plain ? null : $"names the file '{file}', which is not in the model's folder";
        string full = plain ? Path.Combine(folder, file) : folder;
        for (string part = full; part.Length > folder.Length; part = Path.GetDirectoryName(part)!)
        {
            fault = new FileInfo(part).LinkTarget is null ? fault : $"names the file '{file}', which is a link";
        }

        return fault is null ? full : null;
    }
}
