using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// Answers prompts, in their order, with the masks of a golden case; they have the image's size, so as logits of 1 and −1 every resize leaves them.
/// </summary>
internal sealed class RecordedMasks(GoldenCase golden, Device device, int height, int width) : IMaskPredictor, IEmbeddedImage, IOnDevice
{
    private readonly int _mask = MaskMerge.Candidates * height * width;
    private int _answered;

    public Device Device => device;

    public MaskFrame Frame { get; } = new(height, width, height, width, height, width);

    private float[] Logits => field ??= Array.ConvertAll(golden.Tensor("sam.masks").AsIntegers(), covered => covered != 0 ? 1f : -1f);

    private float[] Scores => field ??= golden.Tensor("sam.iou").AsFloats();

    public IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation = default) => this;

    public void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
    {
        Logits.AsSpan(_answered * _mask, prompts.Count * _mask).CopyTo(logits);
        Scores.AsSpan(_answered * MaskMerge.Candidates, prompts.Count * MaskMerge.Candidates).CopyTo(scores);
        _answered += prompts.Count;
    }

    public void Dispose()
    {
    }
}
