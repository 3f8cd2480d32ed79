using Clouds.Diagnostics;
using Clouds.Native.Refinement;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>An image as the refinement asks about it, answers coming to the host's memory.</summary>
internal class EmbeddedImage(SegmentAnything sam, ImageEmbedding embedding) : IEmbeddedImage
{
    public MaskFrame Frame => new(
        Geometry.MaskHeight, Geometry.MaskWidth, Geometry.FrameHeight, Geometry.FrameWidth, Geometry.InputHeight, Geometry.InputWidth);

    protected MaskGeometry Geometry { get; } = sam.GeometryOf(embedding.Width, embedding.Height);

    public void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation)
    {
        PromptTokens all = PromptTokens.Of(prompts.Count, prompts.Points, prompts.Masks, Geometry);
        int chosen = MaskMerge.Candidates * Geometry.MaskPixels;
        for (int from = 0; from < all.Count; from += sam.PromptsAtOnce)
        {
            PromptTokens part = all.Slice(from, Math.Min(sam.PromptsAtOnce, all.Count - from));
            (float[] masks, float[] foretold) = sam.Predict(embedding, part, cancellation);
            RequireChoice(foretold.Length / part.Count);

            // The mask for prompts that leave no doubt comes first and is not wanted.
            for (int i = 0; i < part.Count; i++)
            {
                masks.AsSpan(((i + 1) * (chosen + Geometry.MaskPixels)) - chosen, chosen).CopyTo(logits[((from + i) * chosen)..]);
                foretold.AsSpan((i * (MaskMerge.Candidates + 1)) + 1, MaskMerge.Candidates).CopyTo(scores[((from + i) * MaskMerge.Candidates)..]);
            }
        }
    }

    public virtual void Dispose()
    {
    }

    private static void RequireChoice(int masks)
    {
        if (masks != MaskMerge.Candidates + 1)
        {
            throw new CloudsException(Failure.Usage, "the refinement of labels wants a choice of three masks for each prompt",
                $"{nameof(SegmentAnythingOptions)}.{nameof(SegmentAnythingOptions.Decoder)}", $"{masks} masks", $"{MaskMerge.Candidates + 1} masks",
                "use the weight file's own decoder, or export it without the choice of a single mask");
        }
    }
}

/// <summary>An image on a GPU: the embedding goes there once, and masks stay there.</summary>
internal sealed class EmbeddedOnDevice : EmbeddedImage, IEmbeddedOnDevice
{
    private readonly SegmentAnything _sam;
    private readonly DeviceBuffer<float> _embedding;

    public EmbeddedOnDevice(SegmentAnything sam, ImageEmbedding embedding, Gpu gpu)
        : base(sam, embedding)
    {
        (_sam, _embedding) = (sam, gpu.Context.Allocate<float>(embedding.Values.Length));
        gpu.Stream.Upload<float>(embedding.Values, _embedding.Span);
    }

    public void Predict(CudaStream stream, int count, DeviceSpan<float> points, DeviceSpan<float> masks, DeviceSpan<float> logits, DeviceSpan<float> scores,
        CancellationToken cancellation) => _sam.Choose(
        new ChoiceMemory(DevicePart.Of(_embedding.Span), DevicePart.Of(points), DevicePart.Of(masks), DevicePart.Of(logits), DevicePart.Of(scores)),
        count, Geometry, cancellation);

    public override void Dispose() => _embedding.Dispose();
}
