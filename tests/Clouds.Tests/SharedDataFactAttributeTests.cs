namespace Clouds.Tests;

[Kind(TestKind.Fast)]
public class SharedDataFactAttributeTests
{
    [Fact]
    public void Constructor_AbsentData_SkipsWithTheReason()
        => Assert.Contains("shared/data/no such set", new SharedDataFactAttribute("no such set").Skip);

    [Fact]
    public void Constructor_PresentData_RunsTheTest()
    {
        // The path is relative to shared/data, so this one leads to a folder that every checkout has.
        string present = Path.GetRelativePath(SharedDataFactAttribute.PathOf("."), Repository.Root);

        Assert.Null(new SharedDataFactAttribute(present).Skip);
    }
}
