using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Compilation;

/// <summary>Compiled code of a kernel file.</summary>
/// <param name="Ptx">Portable code.</param>
/// <param name="Cubin">Machine code of one architecture; empty where the compiler does not know it.</param>
/// <param name="Log">The compiler's words, resource counts among them.</param>
public sealed record CompiledKernel(string Ptx, byte[] Cubin, string Log)
{
    /// <summary>Registers, shared memory and spills of each entry.</summary>
    public IReadOnlyList<KernelResources> Resources => KernelResources.Parse(Log);
}

/// <summary>
/// Compiles kernel files for an architecture and keeps the results in a folder, those of each version of the compiler for themselves. Where there is
/// no compiler any more, what the newest one left is used.
/// </summary>
/// <param name="nvrtc">Compiler.</param>
/// <param name="cacheFolder">Folder for results; null keeps none.</param>
public sealed class KernelCompiler(Func<Nvrtc> nvrtc, string? cacheFolder)
{
    private const string LogEnding = ".log";

    // Contraction off: the order and number of roundings is the source's, so that twins give the same bits.
    private static readonly string[] Options = ["--std=c++17", "--fmad=false", "--ptxas-options=-v"];

    /// <summary>NVRTC of this machine with the user's folder.</summary>
    public static KernelCompiler Default { get; } = new(() => Nvrtc.Default, DefaultCacheFolder);

    /// <summary>The user's folder for compiled kernels.</summary>
    public static string DefaultCacheFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "clouds", "kernels");

    /// <summary>Finds the compiler, which code in the folder can do without.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: there is none; the message says how to get it.</exception>
    public Nvrtc Require() => nvrtc();

    /// <summary>Code of a file for an architecture.</summary>
    /// <param name="source">Kernel file.</param>
    /// <param name="architecture">Compute capability times ten. One that the compiler does not know gets PTX of the highest below it.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: no compiler, or it refuses the source.</exception>
    public CompiledKernel Compile(KernelSource source, int architecture)
    {
        int smallest = source.Card().SmallestArchitecture;
        if (architecture < smallest)
        {
            throw new CloudsException(Failure.Device, "the GPU is too old for a kernel", where: source.Name,
                found: $"sm_{architecture}", expected: $"sm_{smallest} or newer", next: "run with ComputeDevice.Cpu");
        }

        string stem = Stem(source, architecture);
        Nvrtc? found = Found();
        string? key = found is null ? Newest(stem) : $"{stem}{found.VersionText}";
        if (key is not null && Read(key) is { } kept)
        {
            return kept;
        }

        Nvrtc compiler = found ?? nvrtc();
        int[] known = compiler.Architectures;
        int target = known.Contains(architecture) ? architecture : known.Where(other => other <= architecture).DefaultIfEmpty(known[0]).Max();
        string option = $"--gpu-architecture={(target == architecture ? "sm" : "compute")}_{target}";
        (string ptx, byte[] cubin, string log) = compiler.Compile(source.Text, source.Name, KernelSource.Headers, [.. Options, option]);
        CompiledKernel result = new(ptx, cubin, log);
        Write($"{stem}{compiler.VersionText}", result);
        return result;
    }

    // Everything that decides about the code but the compiler's version, which follows.
    private static string Stem(KernelSource source, int architecture)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<string> parts =
            [source.Name, source.Text, .. KernelSource.Headers.OrderBy(header => header.Key).Select(header => header.Value), .. Options];
        foreach (string part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        return $"{Path.GetFileNameWithoutExtension(source.Name)}-sm_{architecture}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..24]}-nvrtc";
    }

    private static void WriteWhole(string path, byte[] bytes)
    {
        string temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }

    private Nvrtc? Found()
    {
        try
        {
            return nvrtc();
        }
        catch (CloudsException failure) when (failure.Failure == Failure.Device)
        {
            return null;
        }
    }

    private string? Newest(string stem) => cacheFolder is null || !Directory.Exists(cacheFolder) ? null
        : Directory.EnumerateFiles(cacheFolder, $"{stem}*{LogEnding}").Select(file => Path.GetFileName(file)[..^LogEnding.Length])
            .MaxBy(key => Version.TryParse(key[stem.Length..], out Version? version) ? version : new Version());

    private CompiledKernel? Read(string key)
    {
        if (cacheFolder is null)
        {
            return null;
        }

        string path = Path.Combine(cacheFolder, key);
        try
        {
            // The log is written last, so a result whose log is there is whole.
            string log = File.ReadAllText(path + LogEnding);
            return new CompiledKernel(File.ReadAllText(path + ".ptx"), File.ReadAllBytes(path + ".cubin"), log);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // A cache that cannot be written costs time at the next start, no more.
    private void Write(string key, CompiledKernel result)
    {
        if (cacheFolder is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(cacheFolder);
            string path = Path.Combine(cacheFolder, key);
            WriteWhole(path + ".ptx", Encoding.UTF8.GetBytes(result.Ptx));
            WriteWhole(path + ".cubin", result.Cubin);
            WriteWhole(path + LogEnding, Encoding.UTF8.GetBytes(result.Log));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _ = failure;
        }
    }
}
