using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;

namespace Clouds.Examples;

/// <summary>docs/embedding.md: a label map of any origin, refined with the masks of Segment Anything.</summary>
public static class RefinementExample
{
    /// <summary>Refines a label map and says what became of its components.</summary>
    public static RefinementResult Run(SegmentAnything sam, RgbImage image, LabelMap labels, RefinementOptions options, TextWriter console)
    {
        // example: refine
        using PseudoLabelRefiner refiner = new(sam.Predictor, options);
        RefinementResult refined = refiner.Refine(image, labels, new PointSeed(Seed: 1));
        foreach (RefinedComponent component in refined.Components.Where(component => component.Fate == ComponentFate.Prompted))
        {
            console.WriteLine($"class {component.Class}: {component.Area} pixels, mask {component.MaskArea}, {component.Conflicts} in conflict");
        }
        // end of example

        return refined;
    }
}
