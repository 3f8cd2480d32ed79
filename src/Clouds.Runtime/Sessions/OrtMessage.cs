namespace Clouds.Runtime.Sessions;

/// <summary>What ONNX Runtime says, made fit for one line.</summary>
internal static class OrtMessage
{
    // Before this mark stand its own source file, function and error number.
    private const string Mark = ": FAIL : ";

    /// <summary>The sentence of an exception's message that says what happened.</summary>
    public static string Plain(string message)
    {
        string line = message.ReplaceLineEndings(" ").Trim();
        int at = line.LastIndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? line : line[(at + Mark.Length)..];
    }
}
