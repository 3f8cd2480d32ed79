using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;

namespace Clouds.Cli.Commands;

/// <summary>One image to label.</summary>
/// <param name="Image">Its file.</param>
/// <param name="Name">First part of the names of its results, below the output folder; different for every job.</param>
internal sealed record SegmentJob(string Image, string Name)
{
    /// <summary>The images that arguments name, folders searched, in order.</summary>
    /// <param name="arguments">Files and folders.</param>
    /// <param name="passOver">Told of each file below an argument that is no image to label.</param>
    /// <param name="warn">Told of folders and files below an argument that have several names; null: nobody.</param>
    /// <exception cref="CloudsException">BadInput: an argument is neither a file nor a folder, or a folder has no images.</exception>
    public static IReadOnlyList<SegmentJob> For(IEnumerable<string> arguments, Action<PassedOverFile> passOver, Action<string>? warn = null)
    {
        (string File, string Name)[] files = [.. arguments.SelectMany(argument => Files(argument, passOver, warn))];
        HashSet<string> twice = [.. files.GroupBy(file => Stem(file.Name)).Where(group => group.Count() > 1).Select(group => group.Key)];
        HashSet<string> used = [];
        return [.. files.Select(file => new SegmentJob(file.File, Unused(twice.Contains(Stem(file.Name)) ? file.Name : Stem(file.Name), used)))];
    }

    private static IEnumerable<(string File, string Name)> Files(string argument, Action<PassedOverFile> passOver, Action<string>? warn)
    {
        if (File.Exists(argument))
        {
            RefuseModel(argument);
            return [(argument, Path.GetFileName(argument))];
        }

        if (!Directory.Exists(argument))
        {
            throw new CloudsException(Failure.BadInput, "there is no such image or folder", argument, next: "correct the path");
        }

        ILookup<bool, string> files = FolderWalk.Files(argument, _ => true, warn: warn).ToLookup(PassedOverFile.Is);
        PassedOverFile[] others = [.. files[true].Select(file => PassedOverFile.Of(Path.Combine(argument, file)))];
        others.ToList().ForEach(passOver);
        return files.Contains(false)
            ? files[false].Select(file => (Path.Combine(argument, file), file))
            : throw new CloudsException(Failure.BadInput, "the folder has no images", argument,
                others.Length == 0 ? "no file" : PassedOverFile.Told(others), string.Join(", ", ImageFile.Extensions), "name another folder");
    }

    private static void RefuseModel(string argument)
    {
        if (ModelPath.IsModel(argument))
        {
            throw new CloudsException(Failure.BadInput, "a model stands where an image is meant", argument, expected: "an image, or a folder of images",
                next: "one model comes first, then images");
        }
    }

    private static string Stem(string name) => Path.ChangeExtension(name, null);

    private static string Unused(string name, HashSet<string> used)
    {
        string unused = name;
        for (int i = 2; !used.Add(unused); i++)
        {
            unused = $"{name}-{i}";
        }

        return unused;
    }
}
