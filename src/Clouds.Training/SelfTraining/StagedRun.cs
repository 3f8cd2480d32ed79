using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Models.Encoders;
using Clouds.Native.Refinement;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// A run with self-training in it, as its folder and its checkpoints say: all that its stages need. It is written before the first step, so that one
/// command goes on with it wherever it was interrupted.
/// </summary>
public sealed record StagedRun
{
    /// <summary>Stage 1, the training on the source domain.</summary>
    public const int Source = 1;

    /// <summary>Stage 2, self-training.</summary>
    public const int Self = 2;

    /// <summary>The stages: 1 and 2, or 2 alone from the model that <see cref="Training"/> names.</summary>
    public required IReadOnlyList<int> Stages { get; init; }

    /// <summary>Stage 1, and what stage 2 has in common with it.</summary>
    public required SourceTrainingConfig Training { get; init; }

    /// <summary>Stage 2.</summary>
    public required SelfTrainingConfig SelfTraining { get; init; }

    /// <summary>The source domain.</summary>
    public required string Data { get; init; }

    /// <summary>The generated images.</summary>
    public required string Generated { get; init; }

    /// <summary>Weights of Segment Anything; empty where labels are not refined.</summary>
    public string Sam { get; init; } = "";

    /// <summary>How labels are refined.</summary>
    public RefinementOptions Refinement { get; init; } = new();

    /// <summary>Processor threads of a step; 0: one a processor. Another number may give other bits (platform.md section 3).</summary>
    public int Threads { get; init; }

    /// <summary>Processors of the machine that it ran on; 0: nobody noted them.</summary>
    public int Processors { get; init; }

    /// <summary>The folder of a stage: below the run's where there are two.</summary>
    public RunFolder FolderOf(int stage, string run) => new(Stages.Count == 1 ? run : Path.Combine(run, $"stage-{stage}"));

    /// <summary>The model that stage 2 starts from.</summary>
    public string StartOfSelfTraining(string run) => Stages.Contains(Source) ? FolderOf(Source, run).Model : Training.From;

    /// <summary>Whether a folder has such a run.</summary>
    public static bool Is(string run) => File.Exists(FileOf(run));

    /// <summary>Writes it into a run's folder.</summary>
    /// <exception cref="CloudsException">Output: that fails.</exception>
    public void Write(string run) => AtomicFile.WriteAllBytes(FileOf(run), Encoding.UTF8.GetBytes(ToJson()));

    /// <summary>Reads it from a run's folder.</summary>
    /// <exception cref="CloudsException">Weights: it is damaged.</exception>
    public static StagedRun Read(string run)
    {
        try
        {
            JsonNode node = JsonNode.Parse(File.ReadAllBytes(FileOf(run)))!;
            EncoderConfig.NameKind(node["training"]?["network"]?["encoder"]);
            return node.Deserialize<StagedRun>(RunJson.Format)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw Checkpoint.Unreadable(FileOf(run), e);
        }
    }

    /// <summary>As one JSON object.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, RunJson.Format);

    private static string FileOf(string run) => Path.Combine(run, "stages.json");
}
