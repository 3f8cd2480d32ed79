namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class FolderArrowsTests
{
    [Fact]
    public void Folders_FollowTheArrows()
        => Findings.AssertNone(FolderArrows.Check(SourceFile.Below([.. FolderArrows.Projects])));

    [Fact]
    public void Table_HasNoCycle()
    {
        List<FolderArrows.Row> open = [.. FolderArrows.Table];
        while (open.RemoveAll(row => !row.Namespaces.Any(used => open.Exists(other => other != row && (other.Folder + ".").StartsWith(used + ".")))) > 0)
        {
        }

        Assert.Empty(open.Select(row => row.Folder));
    }

    [Theory]
    [InlineData("Models/Encoders", "using Clouds.Runtime.Sessions;", "Clouds.Runtime.Sessions")]
    [InlineData("Models/Layers", "using Clouds.Models.Encoders;", "Clouds.Models.Encoders")]
    [InlineData("Training/Datasets", "using Clouds.Training.SourceTraining;", "Clouds.Training.SourceTraining")]
    [InlineData("Training/Augmentation", "class A { Clouds.Models.Encoders.ConvNeXt n; }", "Clouds.Models.Encoders")]
    [InlineData("Native/Images", "using Clouds.Runtime.Sessions;", "Clouds.Runtime.Sessions")]
    [InlineData("Training/Evaluation", "using Clouds.Cli.Commands;", "Clouds.Cli.Commands")]
    [InlineData("Verification/Kernels", "using Clouds.Training.Datasets;", "Clouds.Training.Datasets")]
    public void Check_ForbiddenArrow_NamesBothEnds(string folder, string code, string used)
    {
        string finding = Assert.Single(FolderArrows.Check([File(folder, code)]));

        Assert.StartsWith($"src/Clouds.{folder}/Sample.cs -> {used}:", finding);
    }

    [Fact]
    public void Check_RelativeNameOfATypeInAnotherFolder_IsFound()
    {
        SourceFile encoder = new("src/Clouds.Models/Encoders/ConvNeXt.cs", "class ConvNeXt { }");

        string finding = Assert.Single(FolderArrows.Check([encoder, File("Models/Layers", "class A { Encoders.ConvNeXt i; int n = set.Encoders.Length; }")]));

        Assert.Contains("Layers/Sample.cs -> Clouds.Models.Encoders:", finding);
    }

    [Fact]
    public void Check_FolderWithoutARow_AsksForOne()
    {
        string finding = Assert.Single(FolderArrows.Check([File("Native/Extras", "class A { }")]));

        Assert.Contains("Extras", finding);
    }

    [Theory]
    [InlineData("Models/Encoders", "using Clouds.Graph.Building;")]
    [InlineData("Training/Datasets", "using Clouds.Graph.Randomness;\nusing Clouds.Native.Images;")]
    [InlineData("Training/SourceTraining", "using Clouds.Native.Images; // through Datasets")]
    [InlineData("Models/Encoders", "/// <see cref=\"Clouds.Native.Images.RgbImage\"/>\nclass A { string s = \"Clouds.Runtime.Sessions\"; }")]
    [InlineData("Native/Images", "using Clouds.Runtime.Native;")]
    [InlineData("Models/Encoders", "using Clouds.Graph.Settings;")]
    public void Check_AllowedArrow_FindsNothing(string folder, string code)
        => Assert.Empty(FolderArrows.Check([File(folder, code)]));

    private static SourceFile File(string folder, string code)
        => new($"src/Clouds.{folder}/Sample.cs", $"namespace Clouds.{folder.Replace('/', '.')};\n{code}\n");
}
