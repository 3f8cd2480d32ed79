using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Native.Images;

/// <summary>
/// The few calls of libvips that are used, with libvips' own names. Its variadic functions are declared with the
/// closing null as an ordinary last argument, which is the same call on x86-64 System V, the only target.
/// </summary>
internal static unsafe partial class Vips
{
    /// <summary>VipsBandFormat: 8 bits unsigned.</summary>
    public const int FormatUchar = 0;

    /// <summary>VipsInterpretation: 8-bit sRGB.</summary>
    public const int InterpretationSrgb = 22;

    private const string Library = "libvips-cpp.so";
    private static readonly Lazy<bool> Started = new(Start);

    /// <summary>Loads and initialises libvips once.</summary>
    /// <exception cref="CloudsException">Device, where the library is missing or does not start.</exception>
    public static void EnsureStarted() => _ = Started.Value;

    /// <summary>What libvips has said since the last call, one line; the buffer is shared by all threads.</summary>
    public static string TakeError()
    {
        nint text = vips_error_buffer_copy();
        string message = Marshal.PtrToStringUTF8(text) ?? "";
        g_free(text);
        IEnumerable<string> lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct();
        return message.Length == 0 ? "no reason given" : string.Join("; ", lines);
    }

    [LibraryImport(Library)]
    public static partial nint vips_image_new_from_buffer(byte* buffer, nuint length, [MarshalAs(UnmanagedType.LPUTF8Str)] string options, nint end);

    [LibraryImport(Library)]
    public static partial nint vips_image_new_from_memory(byte* data, nuint size, int width, int height, int bands, int format);

    [LibraryImport(Library)]
    public static partial nint vips_image_copy_memory(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_width(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_height(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_bands(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_format(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_interpretation(nint image);

    [LibraryImport(Library)]
    public static partial int vips_image_get_orientation(nint image);

    [LibraryImport(Library)]
    public static partial int vips_autorot(nint image, out nint result, nint end);

    [LibraryImport(Library)]
    public static partial int vips_colourspace(nint image, out nint result, int space, nint end);

    [LibraryImport(Library)]
    public static partial nint vips_image_write_to_memory(nint image, out nuint size);

    [LibraryImport(Library)]
    public static partial int vips_image_write_to_buffer(
        nint image, [MarshalAs(UnmanagedType.LPUTF8Str)] string suffix, out nint buffer, out nuint size, nint end);

    [LibraryImport(Library)]
    public static partial void g_object_unref(nint instance);

    [LibraryImport(Library)]
    public static partial void g_free(nint memory);

    [LibraryImport(Library)]
    private static partial int vips_init([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [LibraryImport(Library)]
    private static partial void vips_concurrency_set(int threads);

    [LibraryImport(Library)]
    private static partial void vips_cache_set_max(int operations);

    [LibraryImport(Library)]
    private static partial void vips_operation_block_set([MarshalAs(UnmanagedType.LPUTF8Str)] string name, int state);

    [LibraryImport(Library)]
    private static partial nint vips_error_buffer_copy();

    private static bool Start()
    {
        nint library = NativeLibraries.Load(Library);
        NativeLibrary.SetDllImportResolver(typeof(Vips).Assembly, (name, _, _) => name == Library ? library : 0);
        if (vips_init("clouds") != 0)
        {
            throw new CloudsException(
                Failure.Device, "libvips does not start", Library, TakeError(), next: "reinstall; the library belongs beside the executable");
        }

        // Loaders run side by side already, and no image is read twice: neither vips' threads nor its cache pay.
        vips_concurrency_set(1);
        vips_cache_set_max(0);
        AllowOnlyPhotographs();
        return true;
    }

    // Data sets come from anywhere; the parsers of rarer formats are out of reach from here on.
    private static void AllowOnlyPhotographs()
    {
        vips_operation_block_set("VipsForeignLoad", 1);
        foreach (string loader in (string[])["Jpeg", "Png", "Webp", "Tiff"])
        {
            vips_operation_block_set($"VipsForeignLoad{loader}", 0);
        }
    }
}
