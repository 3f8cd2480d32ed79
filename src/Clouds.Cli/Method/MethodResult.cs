using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>
/// What a run of the whole method found: result.json. It holds nothing that differs between two runs of one plan on one machine: neither times nor paths.
/// </summary>
internal sealed record MethodResult
{
    /// <summary>The numbers of the run.</summary>
    public required MethodPlan Plan { get; init; }

    /// <summary>SHA-256 of each miniature's files, by clip, sam, diffusion, llm.</summary>
    public required IReadOnlyDictionary<string, string> Models { get; init; }

    /// <summary>Bytes of each miniature's files, by the same names.</summary>
    public IReadOnlyDictionary<string, long> Bytes { get; init; } = new Dictionary<string, long>();

    /// <summary>The test sets, in the order of <see cref="MethodPlan.Tests"/>.</summary>
    public required IReadOnlyList<MethodTest> Tests { get; init; }

    /// <summary>What was trained, in the order of <see cref="MethodArm"/>.</summary>
    public required IReadOnlyList<MethodScores> Arms { get; init; }

    /// <summary>The scores of an arm; null: the plan leaves it out.</summary>
    public MethodScores? Find(MethodArm arm) => Arms.FirstOrDefault(scores => scores.Arm == arm);

    /// <summary>Mean over the styles of a group of an arm's mIoU in percent; null: the plan leaves the arm out.</summary>
    public double? Mean(MethodArm arm, WorldGroup group) => Mean(arm, test => test.Group == group);

    /// <summary>Mean over all target styles, groups A and B: what the paper's average of Cityscapes, BDD100K and Mapillary is.</summary>
    public double? Mean(MethodArm arm) => Mean(arm, test => test.Group != WorldGroup.Source);

    /// <summary>Writes the file.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteAllBytes(path, [.. System.Text.Encoding.UTF8.GetBytes(JsonText.Document(this)), (byte)'\n']);

    /// <summary>Reads it.</summary>
    /// <exception cref="CloudsException">BadInput: it is missing, damaged, or of another version.</exception>
    public static MethodResult Read(string path)
    {
        try
        {
            return JsonText.Read<MethodResult>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "a result of the whole method cannot be read", path, e.Message, "result.json of `clouds demo`",
                "run it again", e);
        }
    }

    private double? Mean(MethodArm arm, Func<MethodTest, bool> counts) =>
        Find(arm) is MethodScores scores ? Tests.Zip(scores.Scores).Where(pair => counts(pair.First)).Average(pair => pair.Second.MeanIou) : null;
}

/// <summary>A foundation model.</summary>
/// <param name="Source">What it is called: "mini:clip", or the last part of its path.</param>
/// <param name="Sha256">Digest of its files.</param>
/// <param name="Bytes">Their size.</param>
internal sealed record MethodModel(string Source, string Sha256, long Bytes);
