using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class CheckpointTests : IDisposable
{
    private static readonly TrainingSettings Settings = StudentWithTeacher.Settings with { Steps = 6, Description = """{"data":"points","config":{"k":4}}""" };

    private readonly EngineRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Describe_GivesWhatTheRunWasStartedWith()
    {
        _run.Go(new StudentWithTeacher(), Settings);
        Assert.Equal("""{"step":6,"skippedInARow":0,"skipped":0,"data":"points","config":{"k":4}}""", Checkpoint.Describe(_run.Folder));
    }

    [Fact]
    public void Save_Teacher_IsPartOfIt()
    {
        _run.Go(new StudentWithTeacher(), Settings);
        using WeightSource file = WeightSource.Open(_run.Folder.Checkpoint);
        Assert.Equal("1", file.Metadata["clouds.format"]);
        float[] student = file.ReadFloats("network.in.weight");
        float[] teacher = file.ReadFloats("teacher/network.in.weight");
        Assert.NotEqual(student, teacher);
        Assert.Equal(student.Length, teacher.Length);
    }

    // Checkpoints had no format version at first.
    [Fact]
    public void Resume_CheckpointWithoutAFormat_GoesOn()
    {
        using EngineRun whole = EngineRun.Whole(new StudentWithTeacher(), Settings);
        _run.Go(new StudentWithTeacher(), Settings, stopAfter: 3);
        Rewrite(metadata => metadata.Remove("clouds.format"));
        _run.Go(new StudentWithTeacher(), Settings, resume: true);
        Assert.Equal(whole.Checkpoint, _run.Checkpoint);
    }

    [Fact]
    public void Resume_CheckpointOfANewerFormat_SaysWhoCanReadIt()
    {
        _run.Go(new StudentWithTeacher(), Settings, stopAfter: 3);
        Rewrite(metadata => metadata["clouds.format"] = "7");
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new StudentWithTeacher(), Settings, resume: true));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains("newer version", failure.What, StringComparison.Ordinal);
        Assert.Equal("clouds.format 7", failure.Found);
        Assert.Contains("format 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the version that wrote it", failure.Next, StringComparison.Ordinal);
        Assert.Throws<CloudsException>(() => Checkpoint.Describe(_run.Folder));
    }

    [Theory]
    [InlineData(null, "no clouds.training")]
    [InlineData("[]", "an object")]
    [InlineData("""{"step":3}""", "\"skippedInARow\"")]
    [InlineData("""{"step":3,"skippedInARow":0,"config":{"seed":1,"seed":2}}""", "key 'config.seed'")]
    [InlineData("""{"step":-3,"skippedInARow":0}""", "'step'")]
    [InlineData("""{"step":3,""", "not valid JSON")]
    public void Resume_StateThatCannotBeRead_IsRefusedWithTheReason(string? state, string reason)
    {
        _run.Go(new StudentWithTeacher(), Settings, stopAfter: 3);
        Rewrite(metadata =>
        {
            metadata.Remove("clouds.training");
            if (state is not null)
            {
                metadata["clouds.training"] = state;
            }
        });
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new StudentWithTeacher(), Settings, resume: true));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Contains("the version that wrote it", failure.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_CheckpointOfAnotherNetwork_ListsWhatDoesNotFit()
    {
        _run.Go(new StudentWithTeacher(), Settings);
        CloudsException failure = Assert.Throws<CloudsException>(() => _run.Go(new ContrastivePair(), Settings, resume: true));
        Assert.Contains("tower.left.in.weight", failure.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_NoCheckpoint_SaysHowToStart()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Checkpoint.Describe(_run.Folder));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("without TrainingOptions.Resume", failure.Next, StringComparison.Ordinal);
    }

    private void Rewrite(Action<Dictionary<string, string>> change)
    {
        string path = _run.Folder.Checkpoint;
        using (WeightSource file = WeightSource.Open(path))
        {
            Dictionary<string, string> metadata = new(file.Metadata);
            change(metadata);
            TensorEntry[] tensors = [.. file.Tensors.Values.OrderBy(tensor => tensor.Offset)];
            using SafetensorsWriter writer = new(path, [.. tensors.Select(t => new TensorDeclaration(t.Name, t.Type, t.Shape))], metadata);
            foreach (TensorEntry tensor in tensors)
            {
                writer.Write(tensor.Name, file.ReadFloats(tensor.Name));
            }

            writer.Commit();
        }
    }
}
