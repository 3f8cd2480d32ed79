using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Tests.Native.Refinement;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SelfTraining;

/// <summary>Both stages as one run by the library.</summary>
[Kind(TestKind.Fast)]
public sealed class StagedTrainerTests : IDisposable
{
    private const int SourceSteps = 2, SelfSteps = 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // What is on the disk at a moment is what a kill leaves there.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Run_KilledBehindAnyStepOfEitherStage_EndsWithTheBitsOfAnUninterruptedRun(bool trainable, bool asHrda)
    {
        int copies = 0;
        StagedRun run = Settings(trainable);
        run = run with { SelfTraining = run.SelfTraining with { Generated = asHrda ? JointStreamTests.Hrda : new() } };
        Go(run, "whole", RunStart.New, told: _ => Copy(_folder["whole"], _folder[$"killed {copies++}"]));
        Assert.Equal(SourceSteps + SelfSteps, copies);
        byte[] model = File.ReadAllBytes(_folder["whole/model.safetensors"]);
        for (int i = 0; i < copies; i++)
        {
            Go(StagedRun.Read(_folder[$"killed {i}"]), $"killed {i}", RunStart.Resumed);
            Assert.Equal(model, File.ReadAllBytes(_folder[$"killed {i}/model.safetensors"]));
            AssertSameTensors("whole/stage-2/checkpoint.safetensors", $"killed {i}/stage-2/checkpoint.safetensors");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Run_TwiceOnAsManyThreadsBesideABusyOne_GivesTheSameBits(int threads)
    {
        using BusyProcessor busy = new();
        foreach (string name in (string[])["a", "b"])
        {
            Go(Settings(trainable: true) with { Threads = threads }, name, RunStart.New);
        }

        Assert.Equal(File.ReadAllBytes(_folder["a/model.safetensors"]), File.ReadAllBytes(_folder["b/model.safetensors"]));
    }

    // The teacher is where method.md section 3.2 puts it: it follows in front of steps 2 and 4, counted from 0, from a copy of the start.
    [Fact]
    public void Teacher_OfAnInterval_IsTheAverageOfTheStudentsInFrontOfItsSteps()
    {
        StagedRun run = Settings(trainable: true);
        run = run with { SelfTraining = run.SelfTraining with { Teacher = new() { Momentum = 0.75, Interval = 2 } } };
        List<Dictionary<string, float[]>> behind = [];
        Go(run, "run", RunStart.New, told: report =>
        {
            if (report.Stage.StartsWith("stage 2", StringComparison.Ordinal) && File.Exists(_folder["run/stage-2/checkpoint.safetensors"]))
            {
                behind.Add(Tensors("run/stage-2/checkpoint.safetensors"));
            }
        });
        behind.Add(Tensors("run/stage-2/checkpoint.safetensors"));
        Dictionary<string, float[]> start = Tensors("run/stage-1/model.safetensors");
        string name = start.Keys.First(name => name.EndsWith("class_embed.weight", StringComparison.Ordinal));

        // Checkpoints are of the state in front of the step that is told: behind[0] is in front of step 1.
        Assert.Equal(SelfSteps, behind.Count);
        Assert.Equal(start[name], behind[0][$"teacher/{name}"]);
        float[] once = Average(start[name], behind[1][name]);
        AssertClose(once, behind[1][$"teacher/{name}"]);
        AssertClose(once, behind[2][$"teacher/{name}"]);
        AssertClose(Average(behind[2][$"teacher/{name}"], behind[3][name]), behind[3][$"teacher/{name}"]);

        static float[] Average(float[] teacher, float[] student) => [.. teacher.Zip(student, (t, s) => (0.75f * t) + (0.25f * s))];

        static void AssertClose(float[] expected, float[] found) => Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Resume_RestartOfTheTeacherAsked_BeginsWithTheStudentAsTheReferenceCodeDoes()
    {
        StagedRun run = Settings(trainable: true);
        run = run with { SelfTraining = run.SelfTraining with { Teacher = new() { Momentum = 1, Interval = 1, RestartOnResume = true } } };
        Go(run, "run", RunStart.New, told: report =>
        {
            if (report is { Stage: "stage 2: train", Done: 3 })
            {
                Copy(_folder["run"], _folder["killed"]);
            }
        });
        Dictionary<string, float[]> saved = Tensors("killed/stage-2/checkpoint.safetensors");
        Go(StagedRun.Read(_folder["killed"]), "killed", RunStart.Resumed);
        Dictionary<string, float[]> end = Tensors("killed/stage-2/checkpoint.safetensors");
        string name = saved.Keys.First(name => name.EndsWith("class_embed.weight", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal));

        // With a momentum of 1 it never moves: it is what it was made from.
        Assert.Equal(saved[name], end[$"teacher/{name}"]);
        Assert.NotEqual(saved[$"teacher/{name}"], end[$"teacher/{name}"]);
    }

    [Fact]
    public void Run_DataThatHaveChangedSinceStageTwoBegan_IsRefused()
    {
        Go(Settings(trainable: true), "run", RunStart.New, told: report =>
        {
            if (report is { Stage: "stage 2: train", Done: 3 })
            {
                Copy(_folder["run"], _folder["killed"]);
            }
        });
        CloudsException failure = Assert.Throws<CloudsException>(() =>
            Go(StagedRun.Read(_folder["killed"]), "killed", RunStart.Resumed, generated: new ColouredBoxes(5, 4)));
        Assert.Equal((Failure.BadInput, "the data have changed since the run was started"), (failure.Failure, failure.What));
        Assert.Equal("generated", failure.Where);
    }

    // 400 updates of 0.999 (acceptance check 9 of the method).
    [Fact]
    public void Average_FourHundredUpdatesTowardsAConstant_IsAThirdOfTheWay()
    {
        MeanTeacher teacher = new(0.999, Every: 100);
        double value = 0;
        for (long step = 0; step < 40_000; step++)
        {
            if (teacher.At(step) != TeacherUpdate.None)
            {
                value = (teacher.MomentumAt(step) * value) + (1 - teacher.MomentumAt(step));
            }
        }

        Assert.Equal(0.330, value, 5e-4);
    }

    // HRDA: in front of step t, min(1 - 1/(t + 1), a); the update behind step t - 1 is that one.
    [Fact]
    public void Momentum_WithWarmUp_RisesAsInTheCitedCode()
    {
        MeanTeacher teacher = new(0.999) { WarmUp = true };
        Assert.Equal([0.5, 1 - (1 / 3.0), 0.75, 0.999, 0.999], new long[] { 0, 1, 2, 998, 40_000 }.Select(teacher.MomentumAt));
    }

    private static StagedRun Settings(bool trainable) => new()
    {
        Stages = [1, 2],
        Training = JointTrainingTests.Config with
        {
            Encoder = new() { Trainable = trainable },
            Steps = SourceSteps,
            Batch = 2,
            CheckpointEvery = 1,
            Optimizer = new() { LearningRate = 1e-3, ClipNorm = 1 },
        },
        SelfTraining = new() { Steps = SelfSteps, Mix = new() { Mode = MixMode.FixedShare, Share = 0.5 }, Teacher = new() { Interval = 1, Momentum = 0.9 } },
        Data = "source",
        Generated = "generated",
        Refinement = new() { SizeThreshold = 40 },
    };

    private void Go(StagedRun run, string name, RunStart start, Action<ProgressReport>? told = null, ColouredBoxes? generated = null)
    {
        ColouredBoxes source = new(6, 1);
        generated ??= new ColouredBoxes(5, 2);
        StandInMasks masks = new(new MaskFrame(16, 24, 64, 96, 64, 96));
        StagedTrainer trainer = new(run, new TrainingData("source", source, DataFingerprint.Of(source)),
            new ImageData("generated", generated, DataFingerprint.Of(generated)),
            () => new OpenRefiner(new PseudoLabelRefiner(masks, run.Refinement, run.Threads), masks), new RunFolder(_folder[name]), Device.Cpu);
        trainer.Run(start, told is null ? null : new Watch(told));
    }

    private Dictionary<string, float[]> Tensors(string name)
    {
        using WeightSource file = WeightSource.Open(_folder[name]);
        return file.Tensors.Keys.Where(tensor => tensor != "clouds.data").ToDictionary(tensor => tensor, file.ReadFloats);
    }

    private void AssertSameTensors(string one, string other)
    {
        Dictionary<string, float[]> found = Tensors(other);
        Assert.All(Tensors(one), pair => Assert.Equal(pair.Value, found[pair.Key]));
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private sealed class Watch(Action<ProgressReport> told) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => told(value);
    }
}
