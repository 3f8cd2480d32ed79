using Clouds.Cli.Stores;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Generation.Store;

namespace Clouds.Cli.Method;

/// <summary>Diffusion paints images of the prompts (paper section 3.2). An image that is there is not painted again.</summary>
internal sealed class PaintStage(MethodContext context) : MethodStage(context)
{
    // Images of another seed of the whole shall share no noise.
    private const long SeedsApart = 1_000_000;

    public override string Name => "paint images";

    public override double Seconds => Context.Plan.Images * (0.3 + (0.07 * Context.Plan.PaintSteps));

    public override bool IsDone => File.Exists(Path.Combine(Context.Folder.Images, StorePages.FileName));

    public override string Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        using IPainter painter = Context.Tools.Painter(Context.Models.Diffusion);
        StorePlan plan = Plan(painter.Facts, PromptFile.Read(Context.Folder.Prompts));
        plan.Require(painter.Facts);
        ImageStore store = ImageStore.Open(Context.Folder.Images, plan);
        new StorePainting(store, painter, StoreShare.Whole).Run(Context.Plan.Images, progress, cancellation);
        StoreReview review = StoreReview.Of(store, progress, cancellation);
        StorePages.Write(review);
        return $"{review.Images.Count} images, {review.Marks.Count} marked and not used";
    }

    private StorePlan Plan(PainterFacts facts, IReadOnlyList<Prompt> prompts) => new()
    {
        Prompts = prompts,
        NegativePrompt = "",
        Seed = (SeedsApart * (Context.Plan.Seed - 1)) + 1,
        Width = Context.Plan.Width,
        Height = Context.Plan.Height,
        Steps = Context.Plan.PaintSteps,
        Guidance = Context.Plan.Guidance,
        Sampler = Context.Plan.Sampler,
        Model = facts.Name,
        Files = facts.Files,
        Prediction = facts.Prediction,
        Precision = facts.Precision,
    };
}
