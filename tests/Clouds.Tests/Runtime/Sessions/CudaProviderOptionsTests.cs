using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public sealed class CudaProviderOptionsTests
{
    [Fact]
    public void Of_Defaults_AskForTf32AndTheSameAlgorithmsInEveryRun()
        => Assert.Equal(
            new Dictionary<string, string>
            {
                ["device_id"] = "0",
                ["use_tf32"] = "1",
                ["cudnn_conv_algo_search"] = "HEURISTIC",
                ["arena_extend_strategy"] = "kNextPowerOfTwo",
            },
            CudaProviderOptions.Of(new CudaSettings(), ordinal: 0));

    [Fact]
    public void Of_EverySettingAndAStream_NamesAllOfThem()
    {
        CudaSettings settings = new()
        {
            Precision = CudaPrecision.Fp32,
            ConvolutionSearch = ConvolutionSearch.Exhaustive,
            MemoryLimit = 1.5,
            ArenaGrowth = ArenaGrowth.SameAsRequested,
        };
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["device_id"] = "3",
                ["use_tf32"] = "0",
                ["cudnn_conv_algo_search"] = "EXHAUSTIVE",
                ["arena_extend_strategy"] = "kSameAsRequested",
                ["gpu_mem_limit"] = "1610612736",
                ["has_user_compute_stream"] = "1",
                ["user_compute_stream"] = "140737488355328",
            },
            CudaProviderOptions.Of(settings, ordinal: 3, stream: unchecked((nint)0x800000000000)));
    }

    [Theory]
    [InlineData(ConvolutionSearch.Heuristic, "HEURISTIC")]
    [InlineData(ConvolutionSearch.Exhaustive, "EXHAUSTIVE")]
    [InlineData(ConvolutionSearch.Default, "DEFAULT")]
    public void Of_EachSearch_HasTheProvidersWord(ConvolutionSearch search, string word)
        => Assert.Equal(word, CudaProviderOptions.Of(new CudaSettings { ConvolutionSearch = search }, ordinal: 0)["cudnn_conv_algo_search"]);
}
