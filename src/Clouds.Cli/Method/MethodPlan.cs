using Clouds.Native.Generation.Painting;
using Clouds.Training.Streets;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>
/// Every number of a run of the whole method in miniature. All are fixed: two runs of one plan with the same miniatures, on one machine, score the same.
/// What trainings take from the paper stands in <see cref="MethodSettings"/>.
/// </summary>
internal sealed record MethodPlan
{
    /// <summary>What it is called: demo, quick, mini.</summary>
    public required string Name { get; init; }

    /// <summary>What it leaves out of the paper's comparison, a sentence each; shown wherever its numbers are.</summary>
    public IReadOnlyList<string> LeavesOut { get; init; } = [];

    /// <summary>Pixels a row, of scenes and of painted images.</summary>
    public int Width { get; init; } = 192;

    /// <summary>Rows.</summary>
    public int Height { get; init; } = 128;

    /// <summary>Seed of everything that is drawn but the scenes, which are the same in every run.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>What is trained, in the order of <see cref="MethodArm"/>; the source always.</summary>
    public IReadOnlyList<MethodArm> Arms { get; init; } = Enum.GetValues<MethodArm>();

    /// <summary>Labelled scenes of the source.</summary>
    public int SourceScenes { get; init; } = 400;

    /// <summary>Test scenes of every style; nothing is trained on them.</summary>
    public int TestScenes { get; init; } = 20;

    /// <summary>Prompts that the language model writes.</summary>
    public int Prompts { get; init; } = 40;

    /// <summary>Of the language model's draws: at 0.6, the usual, the miniature names 17 of 19 classes, one of them in a quarter of the prompts.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Images that are painted of them; image i shows prompt i modulo their number.</summary>
    public int Images { get; init; } = 160;

    /// <summary>Steps of an image's denoising.</summary>
    public int PaintSteps { get; init; } = 10;

    /// <summary>Guidance towards the prompt.</summary>
    public double Guidance { get; init; } = 4;

    /// <summary>The rule of the steps.</summary>
    public PaintSampler Sampler { get; init; } = PaintSampler.DpmSolver;

    /// <summary>Images of an optimiser's step.</summary>
    public int Batch { get; init; } = 4;

    /// <summary>Steps of stage 1.</summary>
    public long SourceSteps { get; init; } = 700;

    /// <summary>Steps of stage 2.</summary>
    public long SelfSteps { get; init; } = 350;

    /// <summary>Painted images whose refinement is shown.</summary>
    public int XrayImages { get; init; } = 4;

    /// <summary>Test scenes of every style that are shown with all answers.</summary>
    public int Pictures { get; init; } = 2;

    /// <summary>`clouds demo`.</summary>
    public static MethodPlan Demo { get; } = new() { Name = "demo" };

    /// <summary>`clouds demo --quick`.</summary>
    public static MethodPlan Quick { get; } = Demo with
    {
        Name = "quick",
        LeavesOut =
        [
            "the encoder that is trained from scratch (Table 5)", "the teacher's labels without refinement (Table 4, second row)",
            "most steps and images: the numbers show that everything works, not how well",
        ],
        Arms = [MethodArm.Source, MethodArm.Refined],
        SourceScenes = 200,
        TestScenes = 6,
        Prompts = 16,
        Images = 32,
        PaintSteps = 8,
        SourceSteps = 350,
        SelfSteps = 100,
        XrayImages = 2,
        Pictures = 1,
    };

    /// <summary>`clouds reproduce mini`, for each seed.</summary>
    public static MethodPlan Reproduction { get; } = Demo with
    {
        Name = "mini",
        SourceScenes = 1000,
        TestScenes = 100,
        Prompts = 100,
        Images = 400,
        PaintSteps = 16,
        SourceSteps = 3000,
        SelfSteps = 2400,
    };

    /// <summary>Styles that are tested, the source first, then group A and group B.</summary>
    public IReadOnlyList<WorldStyle> Tests() => [.. WorldStyle.All.Where(style => style.Group != WorldGroup.Wide)];

    /// <summary>The labelled source.</summary>
    public WorldDatasetConfig Source() => new() { Count = SourceScenes, Width = Width, Height = Height };

    /// <summary>Test scenes of a style.</summary>
    public WorldDatasetConfig Test(WorldStyle style) =>
        new() { Style = style, Count = TestScenes, Width = Width, Height = Height, Split = StreetSplit.Test };
}
