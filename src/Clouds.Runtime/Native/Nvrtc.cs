using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Native;

/// <summary>NVIDIA's run-time compiler, loaded from a CUDA installation of 11.8 to 13; it is never shipped with Clouds.Native.</summary>
public sealed unsafe partial class Nvrtc
{
    /// <summary>Environment variable: the folder or file of the library to use.</summary>
    public const string PathVariable = "CLOUDS_NVRTC";

    private const int CompilationError = 6;
    private const int BuiltinFailure = 7;
    private static readonly Lazy<Nvrtc> System = new(() => Load(Environment.GetEnvironmentVariable(PathVariable)));

    /// <summary>The machine's compiler, searched for once.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: none is there; the message lists the places tried.</exception>
    public static Nvrtc Default => System.Value;

    /// <summary>Major and minor version, for instance 11 and 8.</summary>
    public (int Major, int Minor) Version
    {
        get
        {
            int major;
            int minor;
            Check(nvrtcVersion(&major, &minor));
            return (major, minor);
        }
    }

    /// <summary>The version as "11.8"; a question mark where it does not tell.</summary>
    public string VersionText
    {
        get
        {
            int major;
            int minor;
            return nvrtcVersion(&major, &minor) == 0 ? $"{major}.{minor}" : "?";
        }
    }

    /// <summary>Architectures it makes code for, ascending: 70, 75, 80, ...</summary>
    public int[] Architectures
    {
        get
        {
            int count;
            Check(nvrtcGetNumSupportedArchs(&count));
            int[] result = new int[count];
            fixed (int* first = result)
            {
                Check(nvrtcGetSupportedArchs(first));
            }

            return result;
        }
    }

    /// <summary>Where tools/fetch-nvrtc.sh puts a compiler for every program of this user.</summary>
    public static string UserFolder
        => Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "clouds", "nvrtc", "lib");

    /// <summary>Loads the compiler.</summary>
    /// <param name="place">
    /// A folder or a file to use; null = the newest of the application's folder, <see cref="UserFolder"/>, the loader's path, CUDA's usual folders and
    /// those of Python packages.
    /// </param>
    public static Nvrtc Load(string? place)
    {
        LibrarySearch search = new("the CUDA run-time compiler (libnvrtc)");
        foreach (string candidate in Candidates(place))
        {
            LoadBuiltins(search, candidate);
            if (search.TryLoad(candidate, out nint library))
            {
                search.Locate(NativeLibrary.TryGetExport(library, "nvrtcVersion", out nint inside) ? inside : 0);
                return new Nvrtc(name => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0, search);
            }
        }

        throw search.NotFound(
            "libnvrtc of CUDA 11.8 to 13",
            $"install NVRTC (the CUDA toolkit, pip's nvidia-cuda-nvrtc, Debian's libnvrtc11.2) or set {PathVariable} to its folder; "
            + "ComputeDevice.Cpu needs none");
    }

    /// <summary>Compiles one source.</summary>
    /// <param name="source">CUDA C++.</param>
    /// <param name="name">File name for messages.</param>
    /// <param name="headers">Texts of headers by the name that #include uses.</param>
    /// <param name="options">Compiler options.</param>
    /// <returns>PTX, machine code (empty for compute_ targets) and the log.</returns>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: the source does not compile; the message has the log.</exception>
    public (string Ptx, byte[] Cubin, string Log) Compile(
        string source, string name, IReadOnlyDictionary<string, string> headers, IReadOnlyList<string> options)
    {
        using Utf8Strings texts = new([source, name]);
        using Utf8Strings headerTexts = new(headers.Values);
        using Utf8Strings headerNames = new(headers.Keys);
        using Utf8Strings optionTexts = new(options);
        nint program;
        Check(nvrtcCreateProgram(&program, (byte*)texts[0], (byte*)texts[1], headers.Count, headerTexts.Pointer, headerNames.Pointer));
        try
        {
            int status = nvrtcCompileProgram(program, options.Count, optionTexts.Pointer);
            string log = Log(program);
            if (status == CompilationError)
            {
                throw new CloudsException(Failure.Device, "a CUDA kernel does not compile", where: name, found: Environment.NewLine + log,
                    expected: $"code for {string.Join(' ', options)}", next: "report this with the message; ComputeDevice.Cpu works meanwhile");
            }

            Check(status, $"nvrtcCompileProgram({name})");
            return (Ptx(program), options.Any(option => option.Contains("=sm_", StringComparison.Ordinal)) ? Cubin(program) : [], log);
        }
        finally
        {
            nvrtcDestroyProgram(&program);
        }
    }

    /// <summary>Turns a status into an exception; the one place where that happens for the compiler.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/> with the failing call.</exception>
    public void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
        {
            string? name = Marshal.PtrToStringUTF8(nvrtcGetErrorString(status));
            string next = status == BuiltinFailure
                ? $"put libnvrtc-builtins of CUDA {VersionText} beside {Search.File ?? "libnvrtc"}, or run with ComputeDevice.Cpu"
                : "run with ComputeDevice.Cpu, or install another CUDA version";
            throw new CloudsException(Failure.Device, "a call of the CUDA run-time compiler failed", where: call, found: $"{name} ({status})", next: next);
        }
    }

    private static IEnumerable<string> Candidates(string? place) => place switch
    {
        null => NvrtcFiles.NewestFirst([AppContext.BaseDirectory, UserFolder, .. CudaFolders.Machine.All]),
        _ when File.Exists(place) => [place],
        _ => NvrtcFiles.InFolder(place).DefaultIfEmpty(Path.Combine(place, NvrtcFiles.Names[^1])),
    };

    // The compiler opens this library by its bare name, version and all; loading it beforehand by its path satisfies that search.
    // A folder may hold several versions, of which only the compiler knows which one it wants.
    private static void LoadBuiltins(LibrarySearch search, string candidate)
    {
        string? folder = Path.GetDirectoryName(candidate);
        if (Directory.Exists(folder))
        {
            foreach (string builtins in Directory.GetFiles(folder, "libnvrtc-builtins.so.*").Order())
            {
                search.TryLoad(builtins, out _);
            }
        }
    }

    private string Log(nint program)
    {
        nuint length;
        Check(nvrtcGetProgramLogSize(program, &length));
        byte[] text = new byte[length];
        fixed (byte* first = text)
        {
            Check(nvrtcGetProgramLog(program, first));
        }

        return Encoding.UTF8.GetString(text).TrimEnd('\0', '\n');
    }

    private string Ptx(nint program)
    {
        nuint length;
        Check(nvrtcGetPTXSize(program, &length));
        byte[] text = new byte[length];
        fixed (byte* first = text)
        {
            Check(nvrtcGetPTX(program, first));
        }

        return Encoding.UTF8.GetString(text).TrimEnd('\0');
    }

    private byte[] Cubin(nint program)
    {
        nuint length;
        Check(nvrtcGetCUBINSize(program, &length));
        byte[] code = new byte[length];
        fixed (byte* first = code)
        {
            Check(nvrtcGetCUBIN(program, first));
        }

        return code;
    }
}
