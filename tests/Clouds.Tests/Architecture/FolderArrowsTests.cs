namespace Clouds.Tests.Architecture;

public class FolderArrowsTests
{
    [Fact]
    public void CloudsNative_FollowsTheArrows()
        => Findings.AssertNone(FolderArrows.Check(SourceFile.Below("src/Clouds.Native")));

    [Fact]
    public void Table_HasNoCycle()
    {
        List<FolderArrows.Row> open = [.. FolderArrows.Table];
        while (open.RemoveAll(row => !row.Folders.Any(used => open.Exists(other => other.Folder == used))) > 0)
        {
        }

        Assert.Empty(open.Select(row => row.Folder));
    }

    [Theory]
    [InlineData("Networks", "using Clouds.Runtime.Sessions;", "Clouds.Runtime.Sessions")]
    [InlineData("Networks", "using Clouds.Native.Images;", "Clouds.Native.Images")]
    [InlineData("Datasets", "using Clouds.Native.SourceTraining;", "Clouds.Native.SourceTraining")]
    [InlineData("Augmentation", "class A { Clouds.Native.Networks.ConvNeXt n; }", "Clouds.Native.Networks")]
    [InlineData("Images", "using Clouds.Runtime.Sessions;", "Clouds.Runtime.Sessions")]
    [InlineData("Catalogue", "using Clouds.Graph.Autodiff;", "Clouds.Graph.Autodiff")]
    [InlineData("Evaluation", "using Clouds.Cli.Commands;", "Clouds.Cli.Commands")]
    public void Check_ForbiddenArrow_NamesBothEnds(string folder, string code, string used)
    {
        string finding = Assert.Single(FolderArrows.Check([File(folder, code)]));

        Assert.StartsWith($"src/Clouds.Native/{folder}/Sample.cs -> {used}:", finding);
    }

    [Fact]
    public void Check_RelativeNameOfATypeInAnotherFolder_IsFound()
    {
        SourceFile image = new("src/Clouds.Native/Images/RgbImage.cs", "class RgbImage { }");

        string finding = Assert.Single(FolderArrows.Check([image, File("Networks", "class A { Images.RgbImage i; int n = set.Images.Length; }")]));

        Assert.Contains("Networks/Sample.cs -> Clouds.Native.Images:", finding);
    }

    [Fact]
    public void Check_FolderWithoutARow_AsksForOne()
    {
        string finding = Assert.Single(FolderArrows.Check([File("Extras", "class A { }")]));

        Assert.Contains("Extras", finding);
    }

    [Theory]
    [InlineData("Networks", "using Clouds.Graph.Building;")]
    [InlineData("Datasets", "using Clouds.Graph.Randomness;\nusing Clouds.Native.Images;")]
    [InlineData("SourceTraining", "using Clouds.Native.Images; // through Datasets")]
    [InlineData("Networks", "/// <see cref=\"Clouds.Native.Images.RgbImage\"/>\nclass A { string s = \"Clouds.Runtime.Sessions\"; }")]
    [InlineData("Images", "using Clouds.Runtime.Native;")]
    [InlineData("Networks", "using Clouds.Native.Settings;")]
    public void Check_AllowedArrow_FindsNothing(string folder, string code)
        => Assert.Empty(FolderArrows.Check([File(folder, code)]));

    private static SourceFile File(string folder, string code)
        => new($"src/Clouds.Native/{folder}/Sample.cs", $"namespace Clouds.Native.{folder};\n{code}\n");
}
