using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class CheckpointRotationTests : IDisposable
{
    private static readonly TrainingSettings Settings = StudentWithTeacher.Settings with { Steps = 10, CheckpointEvery = 2, KeepCheckpoints = 3 };

    private readonly EngineRun _run = new();
    private readonly List<string> _told = [];

    private TrainingSettings Telling => Settings with { Warn = _told.Add };

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Save_MoreOftenThanAreKept_LeavesTheNewestAndThoseBeforeIt()
    {
        _run.Go(new StudentWithTeacher(), Settings);
        Assert.Equal(["checkpoint-6.safetensors", "checkpoint-8.safetensors", "checkpoint.safetensors"], Files());
        Assert.Equal([10L, 8, 6], _run.Folder.Checkpoints.Select(StepOf));
    }

    [Fact]
    public void Save_OneThatIsKept_LeavesTheNewestAlone()
    {
        _run.Go(new StudentWithTeacher(), Settings with { KeepCheckpoints = 1 });
        Assert.Equal(["checkpoint.safetensors"], Files());
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("zeros")]
    [InlineData("empty")]
    [InlineData("gone")]
    public void Resume_NewestThatIsDamaged_TakesTheOneBeforeTellsItAndEndsWithTheSameBits(string damage)
    {
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), Settings);
        _run.Go(new StudentWithTeacher(), Settings, stopAfter: 7);
        Damage(_run.Folder.Checkpoint, damage);
        _run.Go(new StudentWithTeacher(), Telling, resume: true);
        string told = Assert.Single(_told, sentence => sentence.Contains("goes on from checkpoint-6.safetensors", StringComparison.Ordinal));
        Assert.Contains(damage == "gone" ? "there is no checkpoint.safetensors" : "(checkpoint.safetensors: ", told, StringComparison.Ordinal);
        Assert.Equal(whole.Checkpoint, _run.Checkpoint);
        Assert.Equal(whole.Numbers, _run.Numbers);
        Assert.Equal([10L, 8, 6], _run.Folder.Checkpoints.Select(StepOf));
    }

    [Fact]
    public void Resume_NewestThatIsWhole_SaysNothingOfOthers()
    {
        _run.Go(new StudentWithTeacher(), Settings, stopAfter: 7);
        _run.Go(new StudentWithTeacher(), Telling, resume: true);
        Assert.DoesNotContain(_told, sentence => sentence.Contains("older checkpoint", StringComparison.Ordinal));
    }

    [Fact]
    public void Resume_AllThatAreThereAreDamaged_NamesThem()
    {
        _run.Go(new StudentWithTeacher(), Settings);
        _run.Folder.Checkpoints.ToList().ForEach(path => Damage(path, "flipped"));
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new StudentWithTeacher(), Settings, resume: true));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains("checkpoint-8.safetensors", failure.Found, StringComparison.Ordinal);
    }

    // Only what is damaged is passed over: an older file would silently be another training.
    [Fact]
    public void Resume_NewestOfAnotherNetwork_IsRefusedThoughAnOlderOneWouldFit()
    {
        using EngineRun other = EngineRun.Whole(new ContrastivePair(), ContrastivePair.Settings with { Steps = 2 });
        _run.Go(new StudentWithTeacher(), Settings);
        File.Copy(other.Folder.Checkpoint, _run.Folder.Checkpoint, overwrite: true);
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new StudentWithTeacher(), Settings, resume: true));
        Assert.Contains("network.in.weight", failure.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resume_CheckpointOfAnotherStage_IsRefused(bool hasTeacher)
    {
        TrainingSettings without = ContrastivePair.Settings with { Steps = 4 };
        TrainingSettings with = without with { Optimization = without.Optimization with { Teacher = new MeanTeacher(0.9) } };
        _run.Go(new ContrastivePair(), hasTeacher ? with : without, stopAfter: 2);
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new ContrastivePair(), hasTeacher ? without : with, resume: true));
        Assert.Equal((Failure.Weights, "the checkpoint is one of another training"), (failure.Failure, failure.What));
        Assert.Contains("teacher/", failure.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_CheckpointThatLacksAMoment_NamesIt()
    {
        _run.Go(new StudentWithTeacher(), Settings with { KeepCheckpoints = 1 }, stopAfter: 4);
        Rename(_run.Folder.Checkpoint, "adamw.exp_avg/network.in.weight", "adamw.exp_avg/network.weight");
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new StudentWithTeacher(), Settings, resume: true));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains("'adamw.exp_avg/network.in.weight'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_FromAnOlderOneThatIsPutBack_DropsWhatLayAhead()
    {
        _run.Go(new StudentWithTeacher(), Settings);
        File.Copy(_run.Folder.Kept(6), _run.Folder.Checkpoint, overwrite: true);
        _run.Go(new StudentWithTeacher(), Settings, resume: true, stopAfter: 7);
        Assert.Equal([7L, 6], _run.Folder.Checkpoints.Select(StepOf));
    }

    [Fact]
    public void Require_LessRoomThanTheFilesTake_IsToldAndWithoutRoomForOneRefused()
    {
        _run.Folder.Create();
        DiskForecast forecast = new(Checkpoint: 100 << 20, Kept: 3, Other: 50 << 20);
        forecast.Require(_run.Folder, 1L << 30, _told.Add);
        forecast.Require(_run.Folder, 449L << 20, _told.Add);
        Assert.Contains("take up to 450.0 MiB", _told[0], StringComparison.Ordinal);
        Assert.StartsWith("the disk will be full before the run ends", _told[1], StringComparison.Ordinal);
        Assert.Equal(Failure.Output, Assert.Throws<CloudsException>(() => forecast.Require(_run.Folder, 149L << 20, _told.Add)).Failure);
    }

    private static void Rename(string path, string before, string after)
    {
        using WeightSource file = WeightSource.Open(path);
        TensorEntry[] tensors = [.. file.Tensors.Values.OrderBy(tensor => tensor.Offset)];
        string Name(TensorEntry tensor) => tensor.Name == before ? after : tensor.Name;
        TensorDeclaration[] declared = [.. tensors.Select(tensor => new TensorDeclaration(Name(tensor), tensor.Type, tensor.Shape))];
        using SafetensorsWriter writer = new(path, declared, file.Metadata);
        Array.ForEach(tensors, tensor => writer.Copy(Name(tensor), tensor));
        writer.Commit();
    }

    private static long StepOf(string path)
    {
        using WeightSource file = WeightSource.Open(path);
        return System.Text.Json.JsonElement.Parse(file.Metadata["clouds.training"]).GetProperty("step").GetInt64();
    }

    private static void Damage(string path, string damage)
    {
        byte[] bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "truncated":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            case "flipped":
                bytes[bytes.Length * 3 / 4] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "zeros":
                File.WriteAllBytes(path, new byte[bytes.Length]);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private string[] Files() => [.. Directory.GetFiles(_run.Folder.Path, "*.safetensors").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
