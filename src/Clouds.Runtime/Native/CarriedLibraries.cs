using System.Reflection;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Runtime.Native;

/// <summary>
/// The native libraries inside the one-file executable: resources that are unpacked when one is first called, to a folder of the user's where
/// there is a safe one, and to memory otherwise. The host's own unpacking would come before the first line of ours and end without a home.
/// </summary>
public static class CarriedLibraries
{
    /// <summary>Names the folder to unpack to, in place of the one in the user's home; the .NET host's own variable for it.</summary>
    public const string FolderVariable = "DOTNET_BUNDLE_EXTRACT_BASE_DIR";

    private const string OnnxRuntime = "libonnxruntime.so";
    private const string Vips = "libvips.so.42";
    private static readonly Lock Lock = new();
    private static readonly Dictionary<string, nint> Loaded = [];
    private static Assembly? _carrier;

    /// <summary>From here on libraries that an assembly carries are found in it; where it carries none, nothing changes.</summary>
    /// <param name="carrier">Has them as resources under their file names.</param>
    public static void Install(Assembly carrier)
    {
        if (carrier.GetManifestResourceInfo(OnnxRuntime) is null)
        {
            return;
        }

        _carrier = carrier;
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) => Precede(loaded.LoadedAssembly);
    }

    // Left to themselves both would prefer whatever the system's path has under these names.
    private static void Precede(Assembly assembly)
    {
        switch (assembly.GetName().Name)
        {
            case "Microsoft.ML.OnnxRuntime":
                NativeLibrary.SetDllImportResolver(assembly, (_, _, _) => Find(OnnxRuntime) ?? 0);
                break;
            case "NetVips":
                // It has a resolver of its own, asks by the name that the library has inside, and gets the one that is loaded.
                Preload(Vips);
                break;
        }
    }

    private static void Preload(string name)
    {
        try
        {
            Find(name);
        }
        catch (CloudsException)
        {
            // Whoever calls the library meets this again, and can say so.
        }
    }

    /// <summary>A library that the program carries, loaded; null for any other.</summary>
    /// <param name="name">File name.</param>
    /// <exception cref="CloudsException">Device: it cannot be loaded.</exception>
    internal static nint? Find(string name)
    {
        lock (Lock)
        {
            if (!Loaded.TryGetValue(name, out nint library))
            {
                using Stream? content = _carrier?.GetManifestResourceStream(name);
                if (content is not UnmanagedMemoryStream mapped)
                {
                    return null;
                }

                Loaded[name] = library = Load(name, mapped);
            }

            return library;
        }
    }

    private static unsafe nint Load(string name, UnmanagedMemoryStream content)
    {
        ReadOnlySpan<byte> bytes = new(content.PositionPointer, checked((int)content.Length));
        string? unpacked = UnpackingFolder.Of(_carrier!.ManifestModule.ModuleVersionId) is string folder
            ? Unpack(Path.Combine(folder, name), bytes)
            : null;
        if (unpacked is not null && NativeLibrary.TryLoad(unpacked, out nint library))
        {
            return library;
        }

        try
        {
            return NativeLibrary.Load(MemoryFile.Write(name, bytes));
        }
        catch (Exception failure) when (failure is IOException or DllNotFoundException)
        {
            throw new CloudsException(
                Failure.Device, "a native library inside the program cannot be loaded", name, failure.Message.ReplaceLineEndings(" "),
                "a folder of this user's to unpack it to, or memory", $"name a folder with {FolderVariable}", failure);
        }
    }

    // What stands in a folder that is ours alone was put there whole, by this version.
    private static string? Unpack(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length != bytes.Length)
            {
                AtomicFile.WriteAllBytes(path, bytes);
            }

            return path;
        }
        catch (Exception failure) when (failure is CloudsException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
