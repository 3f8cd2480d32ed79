using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Runtime.Compilation;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Defects in every kernel: each is noticed by the emulator's checks or by a result that differs from the twin's.</summary>
[Kind(TestKind.Emulated)]
public sealed class MutantTests
{
    private const int Schedules = 4;

    /// <summary>A small problem of each file: true where the result is the twin's.</summary>
    private static readonly Dictionary<string, Func<EmulatedGpu, bool>> Problems = new()
    {
        ["components_tile.cu"] = MutantProblems.FewComponents,
        ["components_seams.cu"] = MutantProblems.FewComponents,
        ["components_table.cu"] = MutantProblems.ManyComponents,
        ["components_labels.cu"] = MutantProblems.FewComponents,
        ["component_points.cu"] = MutantProblems.Points,
        ["mask_merge.cu"] = MutantProblems.MaskMerge,
        ["ema.cu"] = MutantProblems.Ema,
        ["uniform_draws.cu"] = MutantProblems.UniformDraws,
        ["adamw.cu"] = MutantProblems.AdamW,
        ["group_norm.cu"] = MutantProblems.GroupNorm,
        ["layer_norm.cu"] = MutantProblems.LayerNorm,
        ["point_sample.cu"] = MutantProblems.PointSample,
        ["scatter_add.cu"] = MutantProblems.ScatterAdd,
        ["uncertain_points.cu"] = MutantProblems.UncertainPoints,
        ["semantic_inference.cu"] = MutantProblems.SemanticInference,
        ["resized_labels.cu"] = MutantProblems.ResizedLabels,
        ["ms_deform_attn.cu"] = MutantProblems.DeformableAttention,
        ["matching_cost.cu"] = MutantProblems.MatchingCost,
        ["assign.cu"] = MutantProblems.Assignment,
        ["row_width.cu"] = MutantProblems.RowWidth,
    };

    /// <summary>
    /// The comparison that is shifted in kernels whose first one is harmless: the entry of a loop that every thread enters, a choice between
    /// two right ways, the width of an unrolled step.
    /// </summary>
    private static readonly Dictionary<string, int> Bounds = new()
    {
        ["adamw"] = 1,
        ["assign"] = 2,
        ["components_place"] = 1,
        ["components_rank"] = 1,
        ["components_select"] = 1,
        ["ms_deform_convert"] = 1,
        ["ms_deform_largest"] = 1,
        ["resized_labels"] = 1,
        ["row_width"] = 1,
        ["semantic_inference"] = 1,
        ["uncertain_points"] = 1,
        ["uniform_draws"] = 2,
    };

    /// <summary>Kernel files that defects are planted in.</summary>
    internal static IReadOnlyCollection<string> PlantedFiles => Problems.Keys;

    /// <summary>
    /// Every block barrier, warp barrier and atomic of every kernel, the last warp operation and a bound of each. Entries for half precision are the
    /// same templates.
    /// </summary>
    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string file in Problems.Keys.Where(_ => NvrtcForTests.Absent is null))
            {
                foreach (Mutant mutant in Mutant.Of(file, Enum.GetValues<Defect>())
                    .Where(mutant => IsPlanted(mutant) && !mutant.Kernel.Contains("f16", StringComparison.Ordinal)))
                {
                    cases.Add(file, mutant.Name);
                }
            }

            return cases;
        }
    }

    /// <summary>A file for each problem; the table's map is too large for twenty, ConnectedComponentsTests has smaller ones.</summary>
    public static TheoryData<string> Files
        => [.. Problems.DistinctBy(problem => problem.Value).Select(problem => problem.Key).Where(file => file != "components_table.cu")];

    [NvrtcTheory]
    [MemberData(nameof(Cases))]
    public void Kernel_WithADefect_IsCaught(string file, string name)
    {
        Mutant mutant = Mutant.Of(file, Enum.GetValues<Defect>()).Single(mutant => mutant.Name == name);
        Assert.Contains(Enumerable.Range(1, Schedules), seed => IsCaught(Problems[file], mutant.Plant, (ulong)seed));
    }

    [NvrtcTheory]
    [MemberData(nameof(Files))]
    public void Kernel_WithoutADefect_GivesTheTwinsResultInTwentySchedulesWithoutARace(string file)
        => Assert.All(Enumerable.Range(1, 20), seed => Assert.False(IsCaught(Problems[file], ptx => ptx, (ulong)seed)));

    private static bool IsPlanted(Mutant mutant) => mutant.Kind switch
    {
        Defect.Mask => mutant.Kernel.StartsWith("ms_deform_backward", StringComparison.Ordinal) ? mutant.Occurrence == 0 : mutant.IsLast,
        Defect.Bound => Bounds.GetValueOrDefault(mutant.Kernel) == mutant.Occurrence,
        _ => true,
    };

    private static bool IsCaught(Func<EmulatedGpu, bool> problem, Func<string, string> mutate, ulong seed)
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = true, InstructionLimit = 20_000_000 }, mutate);
        try
        {
            return !problem(gpu);
        }
        catch (CloudsException failure) when (failure.Failure == Failure.Device)
        {
            return true;
        }
    }
}
