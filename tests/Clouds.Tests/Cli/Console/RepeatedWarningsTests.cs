using Clouds.Cli.Console;

namespace Clouds.Tests.Cli.Console;

[Kind(TestKind.Fast)]
public sealed class RepeatedWarningsTests
{
    [Fact]
    public void Hear_OneComplaintOfManyFiles_TellsThreeAndCountsTheRest()
    {
        RepeatedWarnings warnings = new();

        bool[] told = [.. Enumerable.Range(0, 5).Select(i => warnings.Hear($"a/{i}.jpg: read, but: {i} extraneous bytes"))];

        Assert.Equal([true, true, true, false, false], told);
        Assert.Equal(["2 more files: read, but: 4 extraneous bytes"], warnings.Rest());
        Assert.Empty(warnings.Rest());
    }

    [Fact]
    public void Hear_OtherComplaintsOrNoFile_AreAllTold() =>
        Assert.All((string[])["a/1.jpg: cut", "a/1.jpg: gray", "set: empty", "set: empty", "set: empty", "set: empty"],
            sentence => Assert.True(new RepeatedWarnings().Hear(sentence)));
}
