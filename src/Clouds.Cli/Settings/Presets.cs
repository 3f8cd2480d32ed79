namespace Clouds.Cli.Settings;

/// <summary>The presets as help texts name them.</summary>
internal static class Presets
{
    /// <summary>For the place of a value.</summary>
    public const string Names = "mini|small|gta|synthia|cityscapes";
}
