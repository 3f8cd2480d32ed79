using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>Scores an arm on the test scenes of every style, none of which anything was trained on, and keeps some answers as pictures.</summary>
internal sealed class TestStage(MethodContext context, MethodArm arm) : MethodStage(context)
{
    public override string Name => $"test {MethodFolder.Name(arm)}";

    public override double Seconds => 0.02 * Context.Plan.TestScenes * Context.Plan.Tests().Count;

    public override bool IsDone => File.Exists(Context.Folder.Scores(arm));

    public override string Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        OutputFolder.Create(Context.Folder.Pictures);
        using Segmenter segmenter = MethodSegmenter.Open(Context, arm);
        IReadOnlyList<WorldStyle> styles = Context.Plan.Tests();
        List<(MethodTest Test, MethodScore Score)> tested = [];
        foreach ((int number, WorldStyle style) in styles.Index())
        {
            IDataset data = Context.Scenes.Test(style);
            EvaluationResult result = Evaluator.Run(segmenter, data, progress: new Part(Name, number, styles.Count, progress), cancellation: cancellation);
            tested.Add((MethodTest.Of(style, result), MethodScore.Of(result.Scores)));
            Enumerable.Range(0, Math.Min(Context.Plan.Pictures, data.Count)).ToList().ForEach(i => Draw(segmenter, style.Name, i, data.Load(i)));
        }

        TestedArm found = new([.. tested.Select(one => one.Test)], MethodScores.Of(arm, Context.Folder.Run(arm), [.. tested.Select(one => one.Score)]));
        found.Write(Context.Folder.Scores(arm));
        return Told(found);
    }

    private void Draw(Segmenter segmenter, string style, int index, Sample sample)
    {
        string path = Path.Combine(Context.Folder.Pictures, string.Create(CultureInfo.InvariantCulture, $"{style}-{index}"));
        SegmentationResult answer = segmenter.Segment(sample.Image);
        ImageFile.WritePng($"{path}.png", sample.Image);
        LabelPng.WritePalette($"{path}.truth.png", sample.Labels, ClassSet.Cityscapes.Colours);
        LabelPng.WritePalette(
            $"{path}.{MethodFolder.Name(arm)}.png", new LabelMap(answer.Width, answer.Height, answer.Labels), ClassSet.Cityscapes.Colours);
    }

    private static string Told(TestedArm found)
    {
        string Mean(WorldGroup group) => found.Tests.Zip(found.Scores.Scores).Where(pair => pair.First.Group == group)
            .Average(pair => pair.Second.MeanIou).ToString("0.0", CultureInfo.InvariantCulture);
        return $"mIoU {Mean(WorldGroup.Source)} on the source, {Mean(WorldGroup.Seen)} on styles of group A, {Mean(WorldGroup.Unseen)} of group B";
    }

    // One set of several: the stage is done when all are.
    private sealed class Part(string name, int number, int of, IProgress<ProgressReport> inner) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) =>
            inner.Report(new ProgressReport(name, (number * value.Total) + value.Done, of * value.Total, value.Metrics));
    }
}
