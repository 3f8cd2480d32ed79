using Clouds.Diagnostics;
using Clouds.Runtime.Native;
using NetVips;

namespace Clouds.Native.Images;

/// <summary>Starts libvips, when the first image is read or written, and turns its words into ours.</summary>
internal static class Vips
{
    private const string Library = "libvips.so.42";
    private static readonly Lazy<bool> Started = new(Start);

    /// <summary>Loads and initialises libvips once.</summary>
    /// <exception cref="CloudsException">Device, where the library is missing or does not start.</exception>
    public static void EnsureStarted() => _ = Started.Value;

    /// <summary>Why a call failed. NetVips puts the call's name on the first line; the buffer of reasons is shared by all threads.</summary>
    public static string Reason(VipsException failure) =>
        failure.Message.Split('\n', 2) is [_, string reasons] && reasons.Length > 0 ? OneLine(reasons) : "no reason given";

    /// <summary>The lines of a text in one, each once.</summary>
    public static string OneLine(string text) =>
        string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct());

    private static bool Start()
    {
        // NetVips asks for the library by this name too, which finds the one that is loaded; where none is, this message says more.
        NativeLibraries.Load(Library);
        if (!ModuleInitializer.VipsInitialized)
        {
            string? reason = ModuleInitializer.Exception?.Message;
            throw new CloudsException(Failure.Device, "libvips does not start", Library, reason, next: "reinstall; the library belongs beside the executable");
        }

        VipsWarnings.Install();

        // Images are read side by side already, and none is read twice: neither vips' threads nor its cache pay.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        AllowOnlyPhotographs();
        return true;
    }

    // Data sets come from anywhere; the parsers of rarer formats are out of reach from here on.
    private static void AllowOnlyPhotographs()
    {
        Operation.Block("VipsForeignLoad", true);
        foreach (string loader in (string[])["Jpeg", "Png", "Webp", "Tiff"])
        {
            Operation.Block($"VipsForeignLoad{loader}", false);
        }
    }
}
