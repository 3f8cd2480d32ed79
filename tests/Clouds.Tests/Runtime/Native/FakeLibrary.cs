using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Clouds.Tests.Runtime.Native;

/// <summary>Small libraries of C that stand where a library of CUDA would.</summary>
internal static class FakeLibrary
{
    private static readonly string? Compiler = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => new[] { "gcc", "clang" }.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Why none can be made; null where they can.</summary>
    public static string? Absent => Compiler is null ? "no C compiler (gcc or clang) on this machine" : null;

    /// <summary>A library whose functions tell a version as NVIDIA's libraries do: by parts, or in one number.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="function">Name of the function; "...Property" tells parts.</param>
    /// <param name="major">First part, or all of the number.</param>
    public static void Tells(string path, string function, int major) => Compile(path, function.EndsWith("Property", StringComparison.Ordinal)
        ? $"int {function}(int kind, int *value) {{ *value = kind == 0 ? {major} : kind; return 0; }}"
        : $"int {function}(int *value) {{ *value = {major}; return 0; }}");

    /// <summary>Compiles a source. The library has no name of its own, so that the loader finds it by its path alone.</summary>
    public static void Compile(string path, string source)
    {
        string file = $"{path}.c";
        File.WriteAllText(file, source);
        using Process process = Process.Start(Compiler!, ["-shared", "-fPIC", "-w", "-o", path, file]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>A test that compiles a small library; skipped, with the reason, where there is no C compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FakeLibraryFactAttribute : FactAttribute
{
    /// <summary>Looks for the compiler.</summary>
    public FakeLibraryFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = FakeLibrary.Absent;
}
