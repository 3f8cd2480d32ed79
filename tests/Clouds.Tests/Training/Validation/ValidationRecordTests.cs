using Clouds.Native.Images;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Training.Tracking;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;
using Clouds.Training.Validation;

namespace Clouds.Tests.Training.Validation;

[Kind(TestKind.Fast)]
public sealed class ValidationRecordTests : IDisposable
{
    private const string Night = "streets:night?count=8&width=96&height=64&split=test";

    private static readonly string[] Validated = ["--set", $"training.validation.data=[\"{Night}\"]", "--set", "training.validation.every=2"];

    private readonly TemporaryFolder _folder = new();

    private RunFolder Run => new(_folder["run"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_WithValidation_RecordsConfusionsImagesAndPicturesOfTheLastOne()
    {
        CommandLineRun run = CommandLineRun.Clouds(TinyRun.Train(Run.Path, 3, Validated));
        Assert.True(run.ExitCode == 0, run.Error);
        ValidationRecord record = ValidationRecord.Find(Run, out string? problem)!;
        Assert.Null(problem);
        ValidationLine last = TrainingHistory.Validations(Run.History)[^1];
        Assert.Equal((3, 3), (record.Step, last.Step));
        ValidatedSet set = Assert.Single(record.Sets);
        SegmentationScores scores = SegmentationScores.From(set.Matrix());
        Assert.Equal((last.MeanIou, last.Validation[0].PixelAccuracy), (scores.MeanIou, scores.PixelAccuracy));
        Assert.Equal(8, set.Images.Count);
        ValidatedImage[] shown = [.. set.Images.Where(image => image.Picture is not null)];
        ValidatedImage[] ranked = [.. set.Images.OrderByDescending(image => image.MeanIou)];
        ValidatedImage[] wanted = [.. ranked.Take(3), .. ranked.TakeLast(3), set.Images[0], set.Images[4]];
        Assert.Equal(wanted.Select(image => image.Name).Distinct().Order(), shown.Select(image => image.Name).Order());
        Assert.All(shown, image => Assert.Equal((968, 213), SizeOf(image.Picture!)));
        Assert.Equal([0, 4], set.Images.Index().Where(image => image.Item.IsSteady).Select(image => image.Index));
    }

    [Fact]
    public void Train_WithValidation_ShowsScoresAndTheSamePicturesToTensorBoard()
    {
        CommandLineRun.Clouds(TinyRun.Train(Run.Path, 3, Validated));
        ReadEvent[] events =
            [.. EventReader.Read(Run.Events).Where(one => one.Numbers.Keys.Concat(one.Images.Keys).Any(name => name.StartsWith("validation/")))];
        Assert.Equal([2L, 2, 2, 3, 3, 3], events.Select(one => one.Step));
        Assert.Equal((float)TrainingHistory.Validations(Run.History)[0].MeanIou!.Value, events[0].Numbers["validation/mIoU"]);
        string[] names = [.. events.SelectMany(one => one.Images.Keys)];
        Assert.Equal(names[..2], names[2..]);
        Assert.All(names, name => Assert.StartsWith("validation/streets-night-test/", name, StringComparison.Ordinal));
        Assert.All(events.SelectMany(one => one.Images.Values), image => Assert.Equal((968, 213, 3), (image.Width, image.Height, image.Channels)));
    }

    [Fact]
    public void Resume_BetweenAValidationAndItsCheckpoint_TellsItOnce()
    {
        CommandLineRun.Interrupted("train 2/4", TinyRun.Train(Run.Path, 4, Validated));
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", Run.Path, "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        ReadEvent[] scored = [.. EventReader.Read(Run.Events).Where(one => one.Numbers.ContainsKey("validation/mIoU"))];
        Assert.Equal(TrainingHistory.Validations(Run.History).Select(line => line.Step), scored.Select(one => one.Step));
        Assert.Equal([1L, 2, 3, 4], EventReader.Read(Run.Events).Where(one => one.Numbers.ContainsKey("train/loss")).Select(one => one.Step));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"step":1,"sets":[null]}""")]
    [InlineData("""{"step":1,"sets":[{"data":"a","classes":["x","x"],"confusion":[1,2,3,4,5,6],"images":[]}]}""")]
    [InlineData("""{"step":1,"sets":[{"data":"a","classes":["x"],"confusion":[1],"images":[]}]}""")]
    [InlineData("""{"step":1,"sets":[{"data":"a","classes":["x"],"confusion":[1,2],"images":[{"name":null}]}]}""")]
    public void Find_DamagedRecord_SaysSo(string text)
    {
        Directory.CreateDirectory(Run.Path);
        File.WriteAllText(Run.Validation, text);
        Assert.Null(ValidationRecord.Find(Run, out string? problem));
        Assert.StartsWith("validation.json cannot be read: ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NoRecord_IsNoProblem()
    {
        Assert.Null(ValidationRecord.Find(Run, out string? problem));
        Assert.Null(problem);
    }

    private static (int Width, int Height) SizeOf(byte[] png)
    {
        RgbImage image = ImageFile.Decode(png);
        return (image.Width, image.Height);
    }
}
