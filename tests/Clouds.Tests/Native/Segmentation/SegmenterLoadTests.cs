using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>What Load finds out, and what becomes of the file afterwards.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmenterLoadTests : IDisposable
{
    private static readonly SegmenterOptions Cpu = new() { Device = ComputeDevice.Cpu };
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, SegmenterOptions> OptionsOutOfRange => new()
    {
        { "SegmenterOptions.Threads", Cpu with { Threads = -1 } },
        { "SegmenterOptions.Threads", Cpu with { Threads = 1025 } },
        { "SegmenterOptions.Sessions", Cpu with { Sessions = 0 } },
        { "SegmenterOptions.Sessions", Cpu with { Sessions = 65 } },
        { "SegmenterOptions.ShortSide", Cpu with { ShortSide = -1 } },
        { "SegmenterOptions.Cuda", Cpu with { Cuda = null! } },
        { "SegmenterOptions.Cuda.MemoryLimit", Cpu with { Cuda = new CudaOptions { MemoryLimit = double.NaN } } },
        { "SegmenterOptions.Cuda.MemoryLimit", Cpu with { Cuda = new CudaOptions { MemoryLimit = -0.5 } } },
        { "SegmenterOptions.Cuda.ConvolutionSearch", Cpu with { Cuda = new CudaOptions { ConvolutionSearch = (CudaSearch)9 } } },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(OptionsOutOfRange))]
    public void Load_OptionOutOfRange_NamesTheMemberBeforeTheFileIsOpened(string member, SegmenterOptions options)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Segmenter.Load(_folder["nowhere.safetensors"], options));
        Assert.Equal((Failure.Usage, member, true), (failure.Failure, failure.Where, failure.Expected));
    }

    [Fact]
    public void Load_NoPath_NamesTheParameter()
    {
        Assert.Equal("path", Assert.Throws<ArgumentNullException>(() => Segmenter.Load(null!)).ParamName);
        Assert.Equal("path", Assert.Throws<ArgumentException>(() => Segmenter.Load("")).ParamName);
    }

    [Fact]
    public void Load_TensorMissing_NamesItBeforeAnyImage()
    {
        Write("cut.safetensors", leaveOut: "sem_seg_head.predictor.class_embed.bias");
        CloudsException failure = Assert.Throws<CloudsException>(() => Segmenter.Load(_folder["cut.safetensors"], Cpu));
        Assert.Equal((Failure.Weights, true), (failure.Failure, failure.Expected));
        Assert.Contains("sem_seg_head.predictor.class_embed.bias", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"heads\":2", "\"heads\":0")]
    [InlineData("\"heads\":2", "\"heads\":3")]
    [InlineData("\"queries\":20", "\"queries\":-1")]
    [InlineData("\"depths\":[1,1,1,1]", "\"depths\":[]")]
    public void Load_DescriptionOfNoNetwork_IsAFaultOfTheModel(string sound, string broken)
    {
        Write("broken.safetensors", description: text => text.Replace(sound, broken, StringComparison.Ordinal));
        CloudsException failure = Assert.Throws<CloudsException>(() => Segmenter.Load(_folder["broken.safetensors"], Cpu));
        Assert.Equal(Failure.Weights, failure.Failure);
    }

    [Fact]
    public void Load_GpuThatIsNotThere_FailsAtOnce()
        => Assert.Equal(Failure.Device, Assert.Throws<CloudsException>(() => Segmenter.Load(TinyRun.Model, new() { Device = ComputeDevice.Cuda(7) })).Failure);

    [Theory]
    [InlineData("deleted")]
    [InlineData("replaced")]
    public void Segment_FileGoneAfterLoad_GivesTheSameLabels(string what)
    {
        using Segmenter untouched = Segmenter.Load(TinyRun.Model, Cpu);
        File.Copy(TinyRun.Model, _folder["model.safetensors"]);
        using Segmenter segmenter = Segmenter.Load(_folder["model.safetensors"], Cpu);
        if (what == "deleted")
        {
            File.Delete(_folder["model.safetensors"]);
        }
        else
        {
            File.WriteAllText(_folder["new"], "no model");
            File.Move(_folder["new"], _folder["model.safetensors"], overwrite: true);
        }

        RgbImage image = Pictures.Gradient(80, 60);
        Assert.Equal(untouched.Segment(image).Labels, segmenter.Segment(image).Labels);
    }

    // What "cp" does to a file that is there.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Segment_FileWrittenInPlace_FailsWithItsNameAndNotWithTheProcess(int share)
    {
        File.Copy(TinyRun.Model, _folder["model.safetensors"]);
        using Segmenter segmenter = Segmenter.Load(_folder["model.safetensors"], Cpu);
        File.WriteAllBytes(_folder["model.safetensors"], new byte[share * new FileInfo(TinyRun.Model).Length]);
        CloudsException failure = Assert.Throws<CloudsException>(() => segmenter.Segment(new RgbImage(64, 64)));
        Assert.Equal((Failure.Weights, _folder["model.safetensors"]), (failure.Failure, failure.Where));
    }

    [Fact]
    public void Warmup_MakesTheSessionOfThatSize()
    {
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, Cpu);
        segmenter.Warmup(96, 64);
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => segmenter.Warmup(0, 64)).ParamName);
        Assert.Equal("height", Assert.Throws<ArgumentOutOfRangeException>(() => segmenter.Warmup(96, -1)).ParamName);
    }

    [Theory]
    [InlineData("auto", "auto")]
    [InlineData("CPU", "cpu")]
    [InlineData("cuda:0", "cuda")]
    [InlineData("cuda:3", "cuda:3")]
    public void ComputeDevice_Parse_ReadsWhatToStringWrites(string text, string written)
    {
        Assert.Equal(written, ComputeDevice.Parse(text).ToString());
        Assert.Equal(ComputeDevice.Parse(text), ComputeDevice.Parse(written));
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("emulated")]
    [InlineData("")]
    public void ComputeDevice_ParseOfAnotherName_IsExpected(string text)
        => Assert.True(Assert.Throws<CloudsException>(() => ComputeDevice.Parse(text)).Expected);

    private void Write(string name, string? leaveOut = null, Func<string, string>? description = null)
    {
        using WeightSource source = WeightSource.Open(TinyRun.Model);
        TensorEntry[] kept = [.. source.Tensors.Values.Where(tensor => tensor.Name != leaveOut)];
        Assert.Equal(source.Tensors.Count - (leaveOut is null ? 0 : 1), kept.Length);
        Dictionary<string, string> metadata = source.Metadata.ToDictionary(
            pair => pair.Key, pair => pair.Key == "clouds.model" ? description?.Invoke(pair.Value) ?? pair.Value : pair.Value);
        Assert.Equal(description is null, metadata["clouds.model"] == source.Metadata["clouds.model"]);
        using SafetensorsWriter writer = new(_folder[name], [.. kept.Select(t => new TensorDeclaration(t.Name, t.Type, t.Shape))], metadata);
        foreach (TensorEntry tensor in kept)
        {
            writer.Write<float>(tensor.Name, source.ReadFloats(tensor.Name));
        }

        writer.Commit();
    }
}
