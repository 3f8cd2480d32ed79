using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Clouds.Runtime.Native;
using Clouds.Tests.Published;

namespace Clouds.Tests;

/// <summary>This assembly's tests once more, in a process where no NVRTC can be found.</summary>
[Kind(TestKind.Emulated)]
public sealed partial class NvrtcFactAttributeTests : IDisposable
{
    private readonly TemporaryFolder _nothing = new();

    public void Dispose() => _nothing.Dispose();

    [Fact]
    public void TestsOfCompiledKernels_NoCompiler_AreSkippedAndCountedAndNoneFails()
    {
        IEnumerable<Type> classes = Tests().Where(test => Compiles(test) || IsPublished(test)).Select(test => test.DeclaringType!).Distinct();
        string output = Run([.. classes.SelectMany(type => (string[])["-class", type.FullName!])]);
        Match counts = Counts().Match(output);
        Assert.True(counts.Success, output);
        Assert.Equal("0", counts.Groups["failed"].Value);
        Assert.True(int.Parse(counts.Groups["skipped"].Value) >= Tests().Count(Compiles), counts.Value);
        Assert.Contains("no CUDA run-time compiler (libnvrtc) on this machine: tools/fetch-nvrtc.sh fetches one", output, StringComparison.Ordinal);
    }

    private static IEnumerable<MethodInfo> Tests() => typeof(NvrtcFactAttributeTests).Assembly.GetTypes().SelectMany(type => type.GetMethods());

    private static bool Compiles(MethodInfo test) => test.IsDefined(typeof(NvrtcFactAttribute)) || test.IsDefined(typeof(NvrtcTheoryAttribute));

    private static bool IsPublished(MethodInfo test) => test.IsDefined(typeof(PublishedFactAttribute)) || test.IsDefined(typeof(PublishedTheoryAttribute));

    private string Run(string[] filter)
    {
        string[] arguments = ["-noLogo", "-noColor", .. filter];
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Clouds.Tests"), arguments) { RedirectStandardOutput = true };
        start.Environment[Nvrtc.PathVariable] = _nothing.Path;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    [GeneratedRegex("Failed: (?<failed>[0-9]+), Skipped: (?<skipped>[0-9]+)")]
    private static partial Regex Counts();
}
