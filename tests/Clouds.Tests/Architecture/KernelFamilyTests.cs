using System.Reflection;
using Clouds.Graph.Operators;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class KernelFamilyTests
{
    private static readonly string[] OfAnOperator = ["operator", "gradient", "lowering", "ONNX Runtime kernel", "ONNX Runtime kernel on a GPU"];
    private static readonly string[] OnAGpu = ["ONNX Runtime kernel on a GPU", "CUDA host", "CUDA source", "kernel problem", "test of the CUDA kernels"];

    /// <summary>Parts that a family does without, and why.</summary>
    private static readonly (string[] Families, string[] Parts, string Reason)[] Excused =
    [
        (["ComponentPoints", "ConnectedComponents", "MaskMerge", "SemanticInference"], OfAnOperator, "they work on a network's answer, behind its graph"),
        (["UniformDraws"], OfAnOperator, "they fill a graph's inputs before it runs"),
        (["Optimizer", "TeacherAverage"], OfAnOperator, "they work on whole arenas, between two runs of a graph"),
        (["RowWidth"], [.. OfAnOperator, "bench row"], "two copies inside the CUDA kernel of another operator; a processor does without them"),
        (["LayerNorm"], ["ONNX Runtime kernel on a GPU"], "the gradient has one; forward, the lowering is ONNX Runtime's own operator, which is fast"),
        (["Linear"], OnAGpu, "its lowering is the product that ONNX Runtime has from NVIDIA's library"),
        (["ConvWeight", "DepthwiseConv"], OnAGpu, "their lowerings are the products and convolutions that ONNX Runtime has from NVIDIA's library"),
        (["Activations"], OnAGpu, "their lowerings are ONNX Runtime's own operators; the functions themselves are, too"),
        (["Assignment"], ["lowering"], "standard operators cannot express a search in which every step needs the last"),
        (["Assignment"], ["bench row"], "the time of a search depends on the costs, not on bytes or operations"),
        (["MsDeformAttn"], ["mutants of ms_deform_attn_half.cu"], "the same templates as ms_deform_attn.cu, which has mutants"),
    ];

    public static TheoryData<string> Families => [.. KernelFamily.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Family_HasAllItsParts_OrAReason(string name)
    {
        IEnumerable<string> excused = Excused.Where(row => row.Families.Contains(name)).SelectMany(row => row.Parts);

        IEnumerable<string> missing = KernelFamily.All.Single(family => family.Name == name).Missing.Except(excused);

        Findings.AssertNone([.. missing.Select(part => $"{name} -> {part}: missing; kernels/README.md says what a family has")]);
    }

    [Fact]
    public void Excuses_AreForPartsThatAreMissing()
    {
        IEnumerable<string> excused = Excused.SelectMany(row => row.Families.SelectMany(family => row.Parts.Select(part => $"{family} -> {part}")));
        IEnumerable<string> missing = KernelFamily.All.SelectMany(family => family.Missing.Select(part => $"{family.Name} -> {part}"));

        Findings.AssertNone([.. excused.Except(missing).Select(excuse => $"{excuse}: there, and excused all the same")]);
        Assert.All(Excused, row => Assert.NotEmpty(row.Reason));
    }

    [Fact]
    public void Missing_FamilyOfATwinAlone_NamesEveryOtherPart()
    {
        KernelFamily family = new("Softmax", ["Softmax.cs"]);

        Assert.Equal(OfAnOperator.Union(OnAGpu).Append("bench row").Append("test of the twin").Order(), family.Missing.Order());
    }

    [Fact]
    public void Operators_EveryOneBelongsToAFamilyAndHasItsSchemasSignature()
    {
        Assert.Equal(CloudsOperators.Names.Order(), KernelFamily.All.SelectMany(family => family.Operators).Order());
        Assert.Equal(
            CloudsOperators.Names.Select(name => CloudsOperators.Find(name)!).Select(op => (op.Name, op.Inputs.Length, op.Outputs.Length)).Order(),
            CloudsOps.All.Select(op => (op.Name, op.Inputs.Length, op.Outputs.Length)).Order());
    }

    [Fact]
    public void Cards_NameATwinAndABenchRowThatExist()
    {
        foreach (string file in KernelSource.Names)
        {
            KernelCard card = KernelSource.Load(file).Card();
            Assert.Contains(KernelFamily.All, family => family.Sources.Contains(file));
            Assert.Contains(Clouds.Verification.Kernels.KernelFamilies.All, row => row.Name == card["bench"][^1] && row.Files.Contains(file));
        }
    }

    [Fact]
    public void Twins_TakeNoBarePointers()
    {
        // Where pointers begin, and where they end.
        Type[] borders = [typeof(HostSpan<>), typeof(IFloatLanes<>), typeof(Lanes256), typeof(Lanes512)];
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<Type> types = typeof(NativeBuffer).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(NativeBuffer).Namespace && !borders.Contains(type))
            .Where(type => type.IsVisible || KernelFamily.All.Any(family => family.Name == type.Name));

        IEnumerable<MethodBase> bare = types.SelectMany(type => type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType.IsPointer));

        Findings.AssertNone([.. bare.Select(method => $"{method.DeclaringType!.Name}.{method.Name} -> a bare pointer: take a HostSpan")]);
    }
}
