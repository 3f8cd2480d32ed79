using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>
/// Open MPI 4 or 5, loaded at run time and only where several processes were started; it is never shipped with Clouds.Native. Other implementations
/// of MPI have other handles and are refused.
/// </summary>
public sealed unsafe partial class OpenMpi
{
    /// <summary>Environment variable: the folder or file of the library to use.</summary>
    public const string PathVariable = "CLOUDS_MPI";

    private const string What = "Open MPI (libmpi)";
    private const string WorldSymbol = "ompi_mpi_comm_world";
    private const string Wanted = "Open MPI 4 or 5";
    private const int LongestText = 8192;
    private const int NowAndGlobal = 0x102;
    private static readonly Lazy<OpenMpi> System = new(() => Load(Environment.GetEnvironmentVariable(PathVariable)));

    /// <summary>The machine's library, searched for once.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: none is there, or it is another MPI's; the message lists the places tried.</exception>
    public static OpenMpi Default => System.Value;

    /// <summary>The library's first words about itself, for instance "Open MPI v4.1.4".</summary>
    public string VersionText => Version().Split(',', '\n')[0].Trim();

    /// <summary>Loads the library.</summary>
    /// <param name="place">A folder or a file to use; null: what the loader finds, then the usual folders.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: as <see cref="Default"/>.</exception>
    public static OpenMpi Load(string? place)
    {
        LibrarySearch search = new(What, Wanted, $"install Open MPI, or name its library in {PathVariable}");
        foreach (string candidate in Candidates(place))
        {
            if (search.TryLoad(candidate, out nint library))
            {
                search.Locate(NativeLibrary.TryGetExport(library, "MPI_Init_thread", out nint inside) ? inside : 0);
                MakeGlobal(search.File ?? candidate);
                return new OpenMpi(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, search);
            }
        }

        throw search.NotFound($"libmpi.so.40 of {Wanted}",
            $"install Open MPI (Debian: openmpi-bin, libopenmpi3), name its library in {PathVariable}, or start one process without mpirun");
    }

    /// <summary>Turns a status into an exception; the one place where that happens for MPI.</summary>
    /// <param name="status">What the call returned; 0 = success.</param>
    /// <param name="call">Text of the call, filled in by the compiler.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/> with the failing call and the library's words.</exception>
    internal void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
        {
            byte* text = stackalloc byte[LongestText];
            int length = 0;
            string words = MPI_Error_string(status, text, &length) == 0 ? Encoding.UTF8.GetString(text, length) : "no words for it";
            throw new CloudsException(Failure.Device, "a call of MPI failed", call, $"{words} ({status})",
                next: "see what mpirun and the other ranks say");
        }
    }

    private static IEnumerable<string> Candidates(string? place) => place switch
    {
        null or "" => ["libmpi.so.40", .. Folders().Select(folder => Path.Combine(folder, "libmpi.so.40")).Where(File.Exists), "libmpi.so"],
        _ when Directory.Exists(place) => [Path.Combine(place, "libmpi.so.40"), Path.Combine(place, "libmpi.so")],
        _ => [place],
    };

    // Where mpirun was told to look, and where Red Hat's and Debian's packages put it.
    private static IEnumerable<string> Folders() =>
    [
        .. from variable in (string[])["OPAL_PREFIX", "MPI_HOME", "CONDA_PREFIX"]
           let prefix = Environment.GetEnvironmentVariable(variable)
           where !string.IsNullOrEmpty(prefix)
           select Path.Combine(prefix, "lib"),
        "/usr/lib64/openmpi/lib",
        "/usr/lib/x86_64-linux-gnu/openmpi/lib",
    ];

    // Open MPI's plug-ins look for its symbols among the global ones, where .NET's loader does not put them.
    private static void MakeGlobal(string file)
    {
        var open = (delegate* unmanaged<byte*, int, nint>)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "dlopen");
        using Utf8Strings path = new([file]);
        open((byte*)path[0], NowAndGlobal);
    }

    private void RequireOpenMpi(Func<string, nint> find)
    {
        if (find(WorldSymbol) == 0)
        {
            throw new CloudsException(Failure.Device, "the MPI library is not Open MPI's, whose handles are used here", Search.File ?? What, Version(), Wanted,
                $"start the ranks with Open MPI's mpirun, and name its libmpi.so.40 in {PathVariable}");
        }
    }

    private string Version()
    {
        byte* text = stackalloc byte[LongestText];
        int length = 0;
        return MPI_Get_library_version(text, &length) == 0 ? Encoding.UTF8.GetString(text, Math.Min(length, LongestText)).TrimEnd('\0', '\n') : "?";
    }
}
