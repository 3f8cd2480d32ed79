using System.Diagnostics;
using System.Text.Json;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Cli.Commands;

/// <summary>What `clouds train` does when a run goes on: to more steps, on other threads, and proved to be the same.</summary>
[Kind(TestKind.Fast)]
public sealed class TrainResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resume_MoreStepsAtAConstantRate_IsTheRunOfSoManySteps()
    {
        string[] constant = ["--set", "training.optimizer.schedule=constant"];
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 3, constant));
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--steps", "6");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("the run goes on to step 6, where 3 were planned", resumed.Error, StringComparison.Ordinal);
        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], 6, constant));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));

        // The new number is the plan from now on.
        CommandLineRun again = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.Contains("6 steps", again.Out, StringComparison.Ordinal);
    }

    // Half way of 4, (1 - 2/4)^0.9 = 0.5359; of 8, (1 - 2/8)^0.9 = 0.7719.
    [Fact]
    public void Resume_MoreStepsOfAFallingRate_TellsWhatTheRateBecomes()
    {
        string[] poly = ["--set", "training.optimizer.warmupSteps=0"];
        CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 4, poly), "--stop-after", "2"]);
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--steps", "8");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("it is 0.7719 of its base now instead of 0.5359", resumed.Error, StringComparison.Ordinal);
        JsonElement third = JsonElement.Parse(File.ReadLines(_folder["run/history.jsonl"]).ElementAt(2));
        Assert.Equal(5e-4 * Math.Pow(0.75, 0.9), third.GetProperty("learningRate").GetDouble(), 1e-12);
        Assert.Equal(8, File.ReadLines(_folder["run/history.jsonl"]).Count());
    }

    [Fact]
    public void Resume_FewerStepsThanAreDone_IsRefused()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["run"], 3));
        CommandLineRun run = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--steps", "2");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("3 or more, which are done", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_StopAfter_SavesThereAndExits130()
    {
        CommandLineRun run = CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 5), "--stop-after", "2"]);
        Assert.Equal(130, run.ExitCode);
        Assert.Equal(2, File.ReadLines(_folder["run/history.jsonl"]).Count());
        Assert.Equal(0, CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--stop-after", "2").ExitCode);
    }

    [Fact]
    public void Resume_OtherThreadsThanBefore_IsTold()
    {
        CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 4), "--stop-after", "2"]);
        CommandLineRun other = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--set", "execution.threads=1", "--stop-after", "3");
        Assert.Contains("goes on with 1 processor threads after 2", other.Error, StringComparison.Ordinal);
        CommandLineRun same = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.DoesNotContain("processor threads", same.Error, StringComparison.Ordinal);
    }

    // A limit of 512,000 bytes a file, where a checkpoint has 735,000: the system's answer is that of a full disk.
    [Fact]
    public void Resume_CheckpointThatHasNoRoom_Exits5AndLeavesThoseThatAreThere()
    {
        CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 6), "--stop-after", "3"]);
        Dictionary<string, byte[]> before = Directory.GetFiles(_folder["run"], "checkpoint*").ToDictionary(file => file, File.ReadAllBytes);
        string clouds = Path.Combine(AppContext.BaseDirectory, "clouds");
        const string Limited = """export DOTNET_EnableWriteXorExecute=0; ulimit -f 500; exec "$0" train --out "$1" --resume 2> "$2" """;
        string[] command = ["-c", Limited, clouds, _folder["run"], _folder["error"]];
        using (Process shell = Process.Start("bash", command))
        {
            shell.WaitForExit();
            Assert.Equal(5, shell.ExitCode);
        }

        Assert.Contains("what stood there before is unchanged", File.ReadAllText(_folder["error"]), StringComparison.Ordinal);
        Assert.Equal(before.Keys.Order(), Directory.GetFiles(_folder["run"], "*checkpoint*").Order());
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.Equal(0, CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume").ExitCode);
    }

    [Fact]
    public void ProveResume_BothStages_FindsEveryPartTheSame()
    {
        string[] validated =
        [
            .. TinyRun.Train(_folder["proof"], 9, "--set", "selfTraining.mix.share=0.5", "--set", "training.batch=2"),
            "--set", "training.validation.data=[\"streets:fog?count=1&width=64&height=64\"]", "--set", "training.validation.every=2",
            "--generated", "streets:night?count=3&width=64&height=64",
        ];
        CommandLineRun run = CommandLineRun.Clouds([.. validated, "--prove-resume", "1", "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement proof = JsonElement.Parse(run.Out);
        Assert.True(proof.GetProperty("proved").GetBoolean());
        (string?, string?)[] parts =
            [.. proof.GetProperty("parts").EnumerateArray().Select(part => (part.GetProperty("run").GetString(), part.GetProperty("part").GetString()))];
        Assert.Contains(("stage-1", "second moments"), parts);
        Assert.Contains(("stage-2", "teacher"), parts);
        Assert.Contains(("stage-2", "history"), parts);
        Assert.DoesNotContain(proof.GetProperty("parts").EnumerateArray(), part => part.GetProperty("straight").GetString() == "-");
    }

    [Fact]
    public void Digests_OfRunsThatDifferInOneStep_Differ()
    {
        CommandLineRun.Clouds(TinyRun.Train(_folder["a"], 2));
        CommandLineRun.Clouds(TinyRun.Train(_folder["b"], 2, "--set", "training.seed=2"));
        IReadOnlyDictionary<string, string> one = Clouds.Training.Engine.RunDigests.Of(new(_folder["a"]));
        IReadOnlyDictionary<string, string> other = Clouds.Training.Engine.RunDigests.Of(new(_folder["b"]));
        Assert.All(["parameters", "first moments", "second moments", "history"], part => Assert.NotEqual(one[part], other[part]));
        Assert.Equal(one["state"], other["state"]);
    }

    [Fact]
    public void ProveResume_FolderInUse_IsRefused()
    {
        Directory.CreateDirectory(_folder["proof"]);
        File.WriteAllText(_folder["proof/mine"], "");
        CommandLineRun run = CommandLineRun.Clouds([.. TinyRun.Train(_folder["proof"], 2), "--prove-resume", "1"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("not empty", run.Error, StringComparison.Ordinal);
    }

    // As it was before there were validations, several checkpoints and processors in it.
    [Fact]
    public void Resume_CheckpointOfTheFirstKind_GoesOnToTheSameBits()
    {
        CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 4), "--stop-after", "2"]);
        Directory.GetFiles(_folder["run"], "checkpoint-*").ToList().ForEach(File.Delete);
        Rewrite(_folder["run/checkpoint.safetensors"]);
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], 4));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
    }

    private static void Rewrite(string checkpoint)
    {
        using WeightSource file = WeightSource.Open(checkpoint);
        System.Text.Json.Nodes.JsonNode run = System.Text.Json.Nodes.JsonNode.Parse(file.Metadata["clouds.training"])!;
        run.AsObject().Remove("skipped");
        run.AsObject().Remove("processors");
        run["config"]!.AsObject().Remove("validation");
        run["config"]!.AsObject().Remove("keepCheckpoints");
        TensorEntry[] tensors = [.. file.Tensors.Values.OrderBy(tensor => tensor.Offset)];
        using SafetensorsWriter writer = new(checkpoint, [.. tensors.Select(tensor => new TensorDeclaration(tensor.Name, tensor.Type, tensor.Shape))],
            new Dictionary<string, string> { ["clouds.training"] = run.ToJsonString() });
        Array.ForEach(tensors, tensor => writer.Copy(tensor.Name, tensor));
        writer.Commit();
    }
}
