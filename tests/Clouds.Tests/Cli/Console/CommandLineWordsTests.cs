using System.Reflection;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Native.Training;
using Clouds.Server.Hosting;

namespace Clouds.Tests.Cli.Console;

/// <summary>What the libraries call a member, the command line calls by its option.</summary>
[Kind(TestKind.Fast)]
public sealed class CommandLineWordsTests
{
    private static readonly Assembly[] Surface = [typeof(Segmenter).Assembly, typeof(SegmenterTraining).Assembly, typeof(CloudsServer).Assembly];

    public static TheoryData<string> Members => [.. CommandLineWords.Options.Select(word => word.Member).Where(member => char.IsUpper(member[0]))];

    [Theory]
    [MemberData(nameof(Members))]
    public void Member_ThatIsTranslated_IsThere(string member)
    {
        string[] parts = member.Split('.');
        Assert.Contains(Surface.SelectMany(assembly => assembly.GetExportedTypes()), type => type.Name == parts[0] && type.GetProperty(parts[1]) is not null);
    }

    [Fact]
    public void Of_FailureOfALibrary_SpeaksOfOptions()
    {
        CloudsException failure = new(Failure.Device, "no memory", "SegmenterOptions.ShortSide", next: "take ComputeDevice.Cpu");
        Assert.Equal("no memory\n  where     --short-side\n  next      take --device cpu", CommandLineWords.Of(failure).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Of_SettingsThatDoNotFit_HintsAtTheVerbThatShowsThem()
        => Assert.Contains(
            "hint      `clouds config show`", CommandLineWords.Of(new CloudsException(Failure.Usage, "no", "training: loss.points")), StringComparison.Ordinal);
}
