using System.Diagnostics.Metrics;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Native.Training;

namespace Clouds.Tests.Native.Training;

/// <summary>The front door of programs that train: what it refuses at once, and how a run goes on.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmenterTrainingTests : IDisposable
{
    private static readonly TrainingOptions Quick = TrainingOptions.Small with { Steps = 2, Batch = 1, Device = ComputeDevice.Cpu };
    private static readonly LabelledImages Streets = LabelledImages.Open("streets:source?count=2&width=96&height=64");
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, TrainingOptions> OptionsOutOfRange => new()
    {
        { "Steps", Quick with { Steps = 0 } },
        { "Batch", Quick with { Batch = 0 } },
        { "Seed", Quick with { Seed = -1 } },
        { "LearningRate", Quick with { LearningRate = 0 } },
        { "LearningRate", Quick with { LearningRate = double.NaN } },
        { "CheckpointEvery", Quick with { CheckpointEvery = 0 } },
        { "EncoderWeights", Quick with { EncoderWeights = null! } },
        { "EncoderWeights", TrainingOptions.Paper with { Device = ComputeDevice.Cpu } },
        { "Threads", Quick with { Threads = -1 } },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(OptionsOutOfRange))]
    public void Train_OptionOutOfRange_NamesTheMemberAndMakesNoFolder(string member, TrainingOptions options)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SegmenterTraining.Train(Streets, options, _folder["run"]));
        Assert.Equal(($"TrainingOptions.{member}", true), (failure.Where, failure.Expected));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void Train_ArgumentMissing_IsNamed()
    {
        Assert.Equal("data", Assert.Throws<ArgumentNullException>(() => SegmenterTraining.Train(null!, Quick, "run")).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => SegmenterTraining.Train(Streets, null!, "run")).ParamName);
        Assert.Equal("folder", Assert.Throws<ArgumentException>(() => SegmenterTraining.Train(Streets, Quick, "")).ParamName);
        Assert.Equal("source", Assert.Throws<ArgumentException>(() => LabelledImages.Open("")).ParamName);
    }

    [Fact]
    public void Train_CancelledAndResumed_EndsWithTheModelOfARunWithoutABreak()
    {
        using CancellationTokenSource stop = new();
        Told cancelling = new(_ => stop.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => SegmenterTraining.Train(Streets, Quick, _folder["broken"], cancelling, stop.Token));

        CloudsException used = Assert.Throws<CloudsException>(() => SegmenterTraining.Train(Streets, Quick, _folder["broken"]));
        Assert.Contains("TrainingOptions.Resume", used.Next, StringComparison.Ordinal);
        LabelledImages others = LabelledImages.Open("streets:night?count=2&width=96&height=64");
        Assert.Equal(
            Failure.Usage, Assert.Throws<CloudsException>(() => SegmenterTraining.Train(others, Quick with { Resume = true }, _folder["broken"])).Failure);

        TrainingResult resumed = SegmenterTraining.Train(Streets, Quick with { Resume = true }, _folder["broken"]);
        TrainingResult whole = SegmenterTraining.Train(Streets, Quick, _folder["whole"]);
        Assert.Equal((2, whole.Loss), (resumed.Steps, resumed.Loss));
        Assert.Equal(File.ReadAllBytes(whole.ModelPath), File.ReadAllBytes(resumed.ModelPath));
    }

    [Fact]
    public void LabelledImages_Streets_SaysWhatItIs()
    {
        Assert.Equal((2, 19), (Streets.Count, Streets.Classes.Count));
        Assert.True(Assert.Throws<CloudsException>(() => LabelledImages.Open("nowhere.json")).Expected);
    }

    [Fact]
    public void Meter_ListenedTo_CountsStepsAndImages()
    {
        Dictionary<string, long> counted = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == "Clouds.Native" && instrument.Name.StartsWith("clouds.train", StringComparison.Ordinal))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counted)
            {
                counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
            }
        });
        listener.Start();
        SegmenterTraining.Train(Streets, Quick, _folder["run"]);

        // Other tests may train at the same time.
        Assert.True(counted["clouds.train.steps"] >= 2 && counted["clouds.train.images"] >= 2);
    }

    private sealed class Told(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
