using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Native.Catalogue;

/// <summary>Stable Diffusion, its parts, and Llama are known by their tensors.</summary>
[Kind(TestKind.Fast)]
public sealed class GenerativeModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sd15")]
    [InlineData("sd2")]
    [InlineData("sd15_unet")]
    [InlineData("sd2_unet")]
    [InlineData("sd15_text_encoder")]
    [InlineData("sd2_text_encoder")]
    [InlineData("sd_vae")]
    [InlineData("llama2_7b")]
    public void Recognition_OfAFileOfFullSize_FindsTheModelAndNothingMissing(string name)
    {
        string path = _folder["model.safetensors"];
        HollowFile.Write(path, ModelCatalogue.BuiltIn[name].List.Tensors);
        using WeightSource source = WeightSource.Open(path);
        Comparison found = Recognition.Find(source, ModelCatalogue.BuiltIn.Entries, sha256: null)!;
        Assert.Equal((name, 0), (found.Entry.Name, found.Lacking));
        Assert.Empty(found.Faults());
    }

    [Fact]
    public void Recognition_OfAnEarlyAutoencoder_FindsItByItsOlderNames()
    {
        string path = _folder["model.safetensors"];
        HollowFile.Write(path, ModelCatalogue.BuiltIn["sd_vae"].List.Tensors.Select(tensor => tensor with
        {
            Name = tensor.Name.Replace(".to_q.", ".query.").Replace(".to_k.", ".key.").Replace(".to_v.", ".value.").Replace(".to_out.0.", ".proj_attn."),
        }));
        using WeightSource source = WeightSource.Open(path);
        Comparison found = Recognition.Find(source, ModelCatalogue.BuiltIn.Entries, sha256: null)!;
        Assert.Equal(("sd_vae", 0), (found.Entry.Name, found.Lacking));
    }

    [Fact]
    public void Recognition_OfAFileThatLacksATensor_NamesIt()
    {
        string path = _folder["model.safetensors"];
        HollowFile.Write(path, ModelCatalogue.BuiltIn["sd15"].List.Tensors.Where(tensor => tensor.Name != "model.diffusion_model.out.2.bias"));
        using WeightSource source = WeightSource.Open(path);
        Comparison found = Recognition.Find(source, ModelCatalogue.BuiltIn.Entries, sha256: null)!;
        Assert.Equal("model.diffusion_model.out.2.bias", Assert.Single(found.Faults()).Name);
    }
}
