using Clouds.Diagnostics;
using Clouds.Native.Refinement;

namespace Clouds.Tests.Native.Refinement;

[Kind(TestKind.Fast)]
public sealed class RefinementOptionsTests
{
    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_OutOfRange_AreRefusedByName(RefinementOptions options, string member)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => new PseudoLabelRefiner(new StandInMasks(new MaskFrame(8, 8, 32, 32, 32, 32)), options));
        Assert.Equal((Failure.Usage, $"RefinementOptions.{member}"), (failure.Failure, failure.Where));
    }

    public static TheoryData<RefinementOptions, string> BadOptions => new()
    {
        { new RefinementOptions { SizeThreshold = -1 }, "SizeThreshold" },
        { new RefinementOptions { Points = 0 }, "Points" },
        { new RefinementOptions { Points = 1025 }, "Points" },
        { new RefinementOptions { ErosionSize = 2 }, "ErosionSize" },
        { new RefinementOptions { PromptsAtOnce = 0 }, "PromptsAtOnce" },
        { new RefinementOptions { Selection = (PointSelection)7 }, "Selection" },
        { new RefinementOptions { Overlap = (OverlapRule)(-1) }, "Overlap" },
        { new RefinementOptions { Connectivity = (Neighbours)5 }, "Connectivity" },
    };
}
