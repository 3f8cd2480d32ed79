using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>Segment Anything as the refinement of pseudo labels asks it.</summary>
internal sealed class SamPredictor(SegmentAnything sam, Device device) : IMaskPredictor, IOnDevice
{
    public Device Device => device;

    public IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation) => new Embedded(sam, sam.Embed(image, cancellation));

    private sealed class Embedded(SegmentAnything sam, ImageEmbedding embedding) : IEmbeddedImage
    {
        private readonly MaskGeometry _geometry = sam.GeometryOf(embedding.Width, embedding.Height);

        public MaskFrame Frame => new(
            _geometry.MaskHeight, _geometry.MaskWidth, _geometry.FrameHeight, _geometry.FrameWidth, _geometry.InputHeight, _geometry.InputWidth);

        public void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation)
        {
            PromptTokens all = PromptTokens.Of(prompts.Count, prompts.Points, prompts.Masks, _geometry);
            int chosen = MaskMerge.Candidates * _geometry.MaskPixels;
            for (int from = 0; from < all.Count; from += sam.PromptsAtOnce)
            {
                PromptTokens part = all.Slice(from, Math.Min(sam.PromptsAtOnce, all.Count - from));
                (float[] masks, float[] foretold) = sam.Predict(embedding, part, cancellation);
                RequireChoice(foretold.Length / part.Count);

                // The mask for prompts that leave no doubt comes first and is not wanted.
                for (int i = 0; i < part.Count; i++)
                {
                    masks.AsSpan(((i + 1) * (chosen + _geometry.MaskPixels)) - chosen, chosen).CopyTo(logits[((from + i) * chosen)..]);
                    foretold.AsSpan((i * (MaskMerge.Candidates + 1)) + 1, MaskMerge.Candidates).CopyTo(scores[((from + i) * MaskMerge.Candidates)..]);
                }
            }
        }

        public void Dispose()
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
}
