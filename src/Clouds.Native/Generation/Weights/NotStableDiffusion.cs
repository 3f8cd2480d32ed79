using Clouds.Diagnostics;

namespace Clouds.Native.Generation.Weights;

/// <summary>Says of a checkpoint that it is something else.</summary>
internal static class NotStableDiffusion
{
    private const int Shown = 160;

    /// <summary>The refusal.</summary>
    /// <param name="where">Its file.</param>
    /// <param name="found">What was found there, and what such a checkpoint is.</param>
    /// <param name="expected">What Stable Diffusion 1.x and 2.x have.</param>
    public static CloudsException Of(string where, string found, string expected)
    {
        string line = found.ReplaceLineEndings(" ");
        return new CloudsException(Failure.Weights, "the checkpoint is not of a Stable Diffusion that is built here", where,
            line.Length > Shown ? line[..Shown] + " .." : line, expected, "give a checkpoint of Stable Diffusion 1.x or 2.x that makes images of texts");
    }
}
