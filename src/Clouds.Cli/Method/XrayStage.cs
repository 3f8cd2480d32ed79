using System.Globalization;
using Clouds.Cli.Commands;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;

namespace Clouds.Cli.Method;

/// <summary>Shows what refinement makes of the teacher's labels at the beginning of stage 2, on the first painted images.</summary>
internal sealed class XrayStage(MethodContext context) : MethodStage(context)
{
    public override string Name => "x-ray the refinement";

    public override double Seconds => 0.5 * Context.Plan.XrayImages;

    public override bool IsDone => Jobs().All(job => File.Exists(Path.Combine(Context.Folder.Xray, $"{job.Name}.refined.json")));

    public override string Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        OutputFolder.Create(Context.Folder.Xray);
        RefinementOptions options = MethodSettings.Refinement(Context.Plan);
        using Segmenter teacher = MethodSegmenter.Open(Context, MethodArm.Source);
        (IMaskPredictor masks, IDisposable owner) = Context.Tools.Masks(Context.Models.Sam);
        using IDisposable owned = owner;
        using PseudoLabelRefiner refiner = new(masks, options, Context.Threads);
        RefineOutput output =
            new(Context.Folder.Xray, (ulong)Context.Plan.Seed, options, ids: null, Context.Models.Sam, xray: true, ClassSet.Cityscapes);
        (int done, long before, long after) = (0, 0, 0);
        foreach (RefineJob job in Jobs())
        {
            SegmentationResult said = teacher.Segment(ImageFile.Read(job.Image), cancellation: cancellation);
            LabelPng.WritePalette(job.Labels, new LabelMap(said.Width, said.Height, said.Labels), ClassSet.Cityscapes.Colours);
            RefineRecord record = output.Refine(output.Read(job, Context.Tell), refiner, cancellation);
            (before, after) = (before + ((long)record.Width * record.Height), after + record.UnlabelledAfter);
            progress.Report(new ProgressReport(Name, ++done, Context.Plan.XrayImages));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{done} images, {100.0 * after / Math.Max(1, before):0} % of their pixels lose their label");
    }

    private IEnumerable<RefineJob> Jobs() => Enumerable.Range(0, Math.Min(Context.Plan.XrayImages, Context.Plan.Images)).Select(index =>
    {
        string name = index.ToString("D6", CultureInfo.InvariantCulture);
        return new RefineJob(Path.Combine(Context.Folder.Images, StoreFiles.Image(index)), Path.Combine(Context.Folder.Xray, $"{name}.labels.png"), name);
    });
}
