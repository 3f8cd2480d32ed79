using Clouds.Cli.Commands;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class SamFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mobile_sam", "mobile_sam/mobile_sam.pt")]
    [InlineData("mobile_sam", "mobile_sam.safetensors")]
    [InlineData("sam_vit_b", "sam_vit_b/sam_vit_b_01ec64.pth")]
    [InlineData("sam_vit_h", "sam_vit_h/sam_vit_h.safetensors")]
    public void Find_NameOfTheCatalogue_IsWhatWasFetchedOrImported(string name, string file)
    {
        TinySam.Write(_folder[$"models/{file}"]);
        string found = SamFile.Find(name, SamVariant.VitT, new LocalModels([_folder["models"]]));
        Assert.Equal(_folder[$"models/{file}"], found);
        using SegmentAnything sam = SegmentAnything.Load(found, new() { Device = ComputeDevice.Cpu });
        Assert.Equal(ComputeDevice.Cpu, sam.Device);
    }

    [Fact]
    public void Find_NameThatIsNotHere_SaysHowToFetchIt()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SamFile.Find("sam_vit_l", SamVariant.VitT, new LocalModels([_folder["models"]])));
        Assert.Equal((Failure.BadInput, "clouds model get sam_vit_l"), (failure.Failure, failure.Next));
    }

    [Theory]
    [InlineData("clip_rn50")]
    [InlineData("mobile")]
    [InlineData("missing.pt")]
    public void Find_NoFileAndNoSuchName_NamesThoseThereAre(string given)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SamFile.Find(given, SamVariant.VitT, new LocalModels([_folder["models"]])));
        Assert.Equal((Failure.BadInput, given), (failure.Failure, failure.Where));
        Assert.Contains("mobile_sam, sam_vit_b, sam_vit_h, sam_vit_l", failure.Wanted, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_FolderOfATraining_IsItsModel()
    {
        TinySam.Write(_folder["run/model.safetensors"]);
        Assert.Equal(_folder["run/model.safetensors"], SamFile.Find(_folder["run"], SamVariant.VitB));
    }

    [Fact]
    public void Find_FolderWithBothForms_IsLeftToTheCaller()
    {
        TinySam.Write(_folder["both/mobile_sam.pt"]);
        TinySam.Write(_folder["both/mobile_sam.safetensors"]);
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => SamFile.Find(_folder["both"], SamVariant.VitT)).Failure);
    }
}
