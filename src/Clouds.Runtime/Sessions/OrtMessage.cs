namespace Clouds.Runtime.Sessions;

/// <summary>What ONNX Runtime says, made fit for one line.</summary>
internal static class OrtMessage
{
    // Before the first mark stand its own source file, function and error number; the second is the C# classes' name of an error.
    private static readonly string[] Marks = [": FAIL : ", "[ErrorCode:Fail] "];

    /// <summary>The sentence of an exception's message that says what happened.</summary>
    public static string Plain(string message)
    {
        string line = message.ReplaceLineEndings(" ").Trim();
        foreach (string mark in Marks)
        {
            int at = line.LastIndexOf(mark, StringComparison.Ordinal);
            line = at < 0 ? line : line[(at + mark.Length)..];
        }

        return line;
    }
}
