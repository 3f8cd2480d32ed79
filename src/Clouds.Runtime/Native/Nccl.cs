using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// NCCL, NVIDIA's sums between GPUs, loaded at run time and only where several processes train on GPUs; it is never shipped with Clouds.Native.
/// </summary>
public sealed unsafe partial class Nccl
{
    /// <summary>Environment variable: the folder or file of the library to use.</summary>
    public const string PathVariable = "CLOUDS_NCCL";

    /// <summary>How to get it.</summary>
    public const string InstallCommand = "apt-get install libnccl2 (NVIDIA's repository), or pip install --user nvidia-nccl-cu13";

    private const string What = "NCCL (libnccl)";
    private const string FileName = "libnccl.so.2";
    private const string Wanted = "NCCL 2.10 or newer";
    private const int FirstWithMean = 21_000;
    private static readonly Lazy<Nccl> System = new(() => Load(Environment.GetEnvironmentVariable(PathVariable)));

    /// <summary>The machine's library, searched for once.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: none is there, or it is too old; the message lists the places tried.</exception>
    public static Nccl Default => System.Value;

    /// <summary>The library's version as it tells it: 22703 for 2.27.3.</summary>
    public int Version
    {
        get
        {
            int version = 0;
            Check(ncclGetVersion(&version));
            return version;
        }
    }

    /// <summary>A version in words. Up to 2.8 the number had a digit less for the second part.</summary>
    public static string VersionText(int version) => version < 10_000
        ? $"{version / 1000}.{version / 100 % 10}.{version % 100}"
        : $"{version / 10_000}.{version / 100 % 100}.{version % 100}";

    /// <summary>Loads the library.</summary>
    /// <param name="place">A folder or a file to use; null: what the loader finds, then the folders of CUDA and of Python packages.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: as <see cref="Default"/>.</exception>
    public static Nccl Load(string? place)
    {
        LibrarySearch search = new(What, Wanted, InstallCommand);
        foreach (string candidate in Candidates(place))
        {
            if (search.TryLoad(candidate, out nint library))
            {
                search.Locate(NativeLibrary.TryGetExport(library, nameof(ncclGetVersion), out nint inside) ? inside : 0);
                return new Nccl(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, search);
            }
        }

        throw search.NotFound($"{FileName}, {Wanted}", $"{InstallCommand}, or name the library in {PathVariable}");
    }

    /// <summary>Turns a status into an exception; the one place where that happens for NCCL.</summary>
    /// <param name="status">What the call returned; 0 = success.</param>
    /// <param name="call">Text of the call, filled in by the compiler.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/> with the failing call and the library's words.</exception>
    internal void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
        {
            string more = ncclGetLastError == null ? "" : Marshal.PtrToStringUTF8((nint)ncclGetLastError(0)) ?? "";
            throw new CloudsException(Failure.Device, "a call of NCCL failed", call,
                $"{Marshal.PtrToStringUTF8((nint)ncclGetErrorString(status))} ({status}){(more.Length == 0 ? "" : $": {more.Trim()}")}",
                next: "start again with NCCL_DEBUG=WARN for NCCL's own words, or take the gradients through the host: execution.ranks.gradients=host");
        }
    }

    private static IEnumerable<string> Candidates(string? place) => place switch
    {
        null or "" => [FileName, .. CudaFolders.Machine.All.Select(folder => Path.Combine(folder, FileName)).Where(File.Exists)],
        _ when Directory.Exists(place) => [Path.Combine(place, FileName)],
        _ => [place],
    };

    private void RequireMean()
    {
        if (Version < FirstWithMean)
        {
            throw new CloudsException(Failure.Device, "NCCL is too old for the mean of the gradients", Search.File ?? What, VersionText(Version), Wanted,
                $"{InstallCommand}, or name another library in {PathVariable}");
        }
    }
}
