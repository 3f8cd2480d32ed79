using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class WeightMatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GraphBuilder _g = new("network");

    public WeightMatchTests()
    {
        Want("stem.weight", ElementType.Float, 4, 3);
        Want("stem.bias", ElementType.Float, 4);
        Want("steps", ElementType.Int64, 1);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(WeightType.F64)]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    public void Of_OtherFloatTypes_Fit(WeightType type)
    {
        using WeightSource source = Source(("stem.weight", type, [4, 3]), ("stem.bias", type, [4]), ("steps", WeightType.I64, [1]));
        Assert.Empty(WeightMatch.Of(source, _g.Parameters).Faults);
    }

    [Fact]
    public void Of_ExtraTensors_AreUnexpectedInTheirScopeOnly()
    {
        using WeightSource source = Fitting(("stem.extra", WeightType.F32, [1]), ("head.extra", WeightType.F32, [1]));
        Assert.Empty(WeightMatch.Of(source, _g.Parameters).Faults);
        Assert.Equal([(WeightFault.Unexpected, "stem.extra")], WeightMatch.Of(source, _g.Parameters, scope: "stem").Faults);
    }

    [Fact]
    public void Require_EverythingWrong_ListsAllWithTheNearestNames()
    {
        using WeightSource source = Source(
            ("stem.wieght", WeightType.F32, [4, 3]), ("stem.bias", WeightType.F32, [5]), ("stem.bias2", WeightType.F32, [4]), ("steps", WeightType.I32, [1]),
            ("step", WeightType.I64, [1]));
        WeightMatch match = WeightMatch.Of(source, _g.Parameters, scope: "stem.w");
        CloudsException e = Assert.Throws<CloudsException>(match.Require);
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.All(
            (string[])[
                "1 missing, 1 mis-shaped, 1 mis-typed, 1 unexpected tensors", "missing     stem.weight [4, 3]; near: stem.wieght",
                "mis-shaped  stem.bias has F32 [5], wants [4]; near: stem.bias2", "mis-typed   steps has I32 [1], wants Int64; near: step",
                "unexpected  stem.wieght F32 [4, 3]; near: stem.weight",
            ],
            line => Assert.Contains(line, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Require_IntegersForAFloatParameter_AreRefused()
    {
        using WeightSource source = Source(("stem.weight", WeightType.I8, [4, 3]), ("stem.bias", WeightType.F32, [4]), ("steps", WeightType.I64, [1]));
        Assert.Equal([(WeightFault.MisTyped, "stem.weight")], WeightMatch.Of(source, _g.Parameters).Faults);
    }

    [Fact]
    public void Require_HundredsMissing_ShowsADozenAndCountsTheRest()
    {
        for (int i = 0; i < 300; i++)
        {
            Want($"layer.{i}", ElementType.Float, 1);
        }

        using WeightSource source = Fitting();
        CloudsException e = Assert.Throws<CloudsException>(() => WeightMatch.Require(source, _g.Parameters));
        Assert.Contains("300 missing", e.Message, StringComparison.Ordinal);
        Assert.Contains("and 288 more", e.Message, StringComparison.Ordinal);
    }

    private void Want(string name, ElementType type, params long[] sizes) => _g.Parameter(name, Shape.Of(sizes), Initialize.Zeros, type: type);

    private WeightSource Fitting(params (string, WeightType, long[])[] more) =>
        Source([("stem.weight", WeightType.F32, [4, 3]), ("stem.bias", WeightType.F32, [4]), ("steps", WeightType.I64, [1]), .. more]);

    private WeightSource Source(params (string Name, WeightType Type, long[] Shape)[] tensors)
    {
        using SafetensorsWriter writer = new(_folder["w.safetensors"], [.. tensors.Select(t => new TensorDeclaration(t.Name, t.Type, t.Shape))]);
        foreach ((string name, WeightType type, long[] shape) in tensors)
        {
            writer.Write(name, new byte[new TensorDeclaration(name, type, shape).Bytes]);
        }

        writer.Commit();
        return WeightSource.Open(_folder["w.safetensors"]);
    }
}
