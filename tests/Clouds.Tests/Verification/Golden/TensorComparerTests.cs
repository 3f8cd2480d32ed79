using Clouds.Tests.Graph.Weights;
using Clouds.Verification.Golden;

namespace Clouds.Tests.Verification.Golden;

[Kind(TestKind.Fast)]
public sealed class TensorComparerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1.4f, true)]
    [InlineData(1.6f, false)]
    [InlineData(float.NaN, false)]
    [InlineData(float.PositiveInfinity, false)]
    public void Compare_Floats_ObeyAbsoluteAndRelativeTolerance(float value, bool passes)
    {
        // 0.4 + 0.1 · 1 = 0.5 around 1.
        TensorResult result = Compare(new { tolerances = new { y = new { atol = 0.4, rtol = 0.1 } } }, new GoldenTensor([1f], 1), new GoldenTensor([value], 1));
        Assert.Equal(passes, result.Passed);
    }

    [Fact]
    public void Compare_EqualInfinities_Pass() =>
        Assert.True(Compare(new { tolerances = new { y = new { atol = 0, rtol = 0 } } },
            new GoldenTensor([float.PositiveInfinity], 1), new GoldenTensor([float.PositiveInfinity], 1)).Passed);

    [Fact]
    public void Compare_WholeNumbers_MustBeEqual()
    {
        Assert.True(Compare(new { }, new GoldenTensor([1L, 2], 2), new GoldenTensor([1L, 2], 2)).Passed);
        TensorResult result = Compare(new { }, new GoldenTensor([1L, 2], 2), new GoldenTensor([1L, 3], 2));
        Assert.False(result.Passed);
        Assert.Contains("[1]: 3, expected 2", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_FloatsWhereWholeNumbersBelong_Fail() => Assert.False(Compare(new { }, new GoldenTensor([1L], 1), new GoldenTensor([1f], 1)).Passed);

    [Fact]
    public void Compare_AnotherShape_Fails() =>
        Assert.Contains("shape", Compare(new { }, new GoldenTensor([1L], 1), new GoldenTensor([1L])).Detail, StringComparison.Ordinal);

    [Fact]
    public void Compare_FloatsWithoutTolerance_Fail() =>
        Assert.Contains("no tolerance", Compare(new { }, new GoldenTensor([1f], 1), new GoldenTensor([1f], 1)).Detail, StringComparison.Ordinal);

    [Fact]
    public void Compare_UnknownRule_Fails() =>
        Assert.Contains("unknown", Compare(new { compare = new { y = new { rule = "by_moonlight" } } },
            new GoldenTensor([1L], 1), new GoldenTensor([1L], 1)).Detail, StringComparison.Ordinal);

    [Fact]
    public void Compare_MissingOutput_Fails() =>
        Assert.Contains("did not compute", Compare(new { }, new GoldenTensor([1L], 1), null).Detail, StringComparison.Ordinal);

    [Fact]
    public void Compare_SpecialSlice_HasItsOwnTolerance()
    {
        Dictionary<string, object> json = new()
        {
            ["tolerances"] = new { y = new { atol = 0.1, rtol = 0 } },
            ["special_tolerances"] = new Dictionary<string, object> { ["y[1:3]"] = new { atol = 5, rtol = 0 } },
        };
        GoldenTensor want = new([0f, 0, 0, 0], 4);
        Assert.True(Compare(json, want, new GoldenTensor([0f, 4, 4, 0], 4)).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([0f, 0, 0, 4], 4)).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([0f, 6, 0, 0], 4)).Passed);
    }

    [Fact]
    public void Compare_SkipNaN_LooksAtTheRestOnly()
    {
        object json = new { tolerances = new { y = new { atol = 0.1, rtol = 0 } }, compare = new { y = new { rule = "skip_nan" } } };
        GoldenTensor want = new([float.NaN, 1f], 2);
        Assert.True(Compare(json, want, new GoldenTensor([5f, 1], 2)).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([5f, 2], 2)).Passed);
    }

    [Theory]
    [InlineData("close", "atol")]
    [InlineData("max_abs", "value")]
    public void Compare_CloseAndMaxAbs_TakeTheRulesOwnTolerance(string rule, string key)
    {
        object json = new { compare = new { y = new Dictionary<string, object> { ["rule"] = rule, [key] = 1 } } };
        Assert.True(Compare(json, new GoldenTensor([7L], 1), new GoldenTensor([8L], 1)).Passed);
        Assert.False(Compare(json, new GoldenTensor([7L], 1), new GoldenTensor([9L], 1)).Passed);
    }

    [Fact]
    public void Compare_EqualUnlessTie_ForgivesOnlyClassesAsGoodAsTheBest()
    {
        // Scores [1, 3 classes, 1, 2]: at the left pixel classes 0 and 1 tie, at the right they do not.
        GoldenTensor scores = new([1f, 1, 1.00001f, 0, 0, 0], 1, 3, 1, 2);
        object json = new { tolerances = new { s = new { atol = 1e-5, rtol = 0 } }, compare = new { y = new { rule = "equal_unless_tie", tensor = "s" } } };
        GoldenTensor want = new([1L, 0], 1, 1, 2);
        Dictionary<string, GoldenTensor> more = new() { ["s"] = scores };
        Assert.True(Compare(json, want, new GoldenTensor([0L, 0], 1, 1, 2), more).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([2L, 0], 1, 1, 2), more).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([1L, 1], 1, 1, 2), more).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([3L, 0], 1, 1, 2), more).Passed);
    }

    [Fact]
    public void Compare_EqualUnlessNear_ForgivesOnlyPixelsOnTheThreshold()
    {
        Dictionary<string, GoldenTensor> more = new() { ["s"] = new GoldenTensor([0.00001f, 1], 2) };
        object json = new
        {
            tolerances = new { s = new { atol = 1e-4, rtol = 0 } },
            compare = new { y = new { rule = "equal_unless_near", tensor = "s", threshold = 0.0 } },
        };
        GoldenTensor want = new([true, true], 2);
        Assert.True(Compare(json, want, new GoldenTensor([false, true], 2), more).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([true, false], 2), more).Passed);
    }

    [Fact]
    public void Compare_SetPerRow_IgnoresOrderWithinRowsOnly()
    {
        object json = new { compare = new { y = new { rule = "set_per_row" } } };
        GoldenTensor want = new([0.1f, 0.2f, 0.1f, 0.3f, 0.5f, 0.5f, 0.6f, 0.6f], 2, 2, 2);
        Assert.True(Compare(json, want, new GoldenTensor([0.1f, 0.3f, 0.1f, 0.2f, 0.6f, 0.6f, 0.5f, 0.5f], 2, 2, 2)).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([0.5f, 0.5f, 0.1f, 0.2f, 0.1f, 0.3f, 0.6f, 0.6f], 2, 2, 2)).Passed);
        Assert.False(Compare(json, want, new GoldenTensor([0.1f, 0.2f, 0.1f, 0.2f, 0.5f, 0.5f, 0.6f, 0.6f], 2, 2, 2)).Passed);
    }

    [Theory]
    [InlineData(0, 0, 1, 1, true)]
    [InlineData(0, 0, 0, 0, false)]
    [InlineData(0, 0, 1, 0, false)]
    [InlineData(0, 0, 2, 0, false)]
    public void Compare_Membership_WantsDistinctPointsInsideTheMask(float x0, float y0, float x1, float y1, bool passes)
    {
        // The mask is the diagonal of 2 × 2.
        Dictionary<string, GoldenTensor> more = new() { ["components.masks"] = new GoldenTensor([true, false, false, true], 1, 2, 2) };
        object json = new { compare = new { y = new { rule = "membership" } } };
        Assert.Equal(passes, Compare(json, new GoldenTensor([1f, 1, 0, 0], 1, 2, 2), new GoldenTensor([x0, y0, x1, y1], 1, 2, 2), more).Passed);
    }

    [Fact]
    public void Load_BareInfinitiesOfPython_AreRead()
    {
        Directory.CreateDirectory(_folder["m/c"]);
        File.WriteAllText(_folder["m/c/case.json"], """{"config": {"a": -Infinity, "b": [NaN, 1], "c": "NaN \" Infinity"}}""");
        using GoldenCase golden = GoldenCase.Load(_folder["m/c"]);
        Assert.Equal(double.NegativeInfinity, golden.Config.Double("a"));
        Assert.Equal([double.NaN, 1], golden.Config.Doubles("b"));
        Assert.Equal("NaN \" Infinity", golden.Config.Text("c"));
        Assert.Equal(("m", "c"), (golden.Module, golden.Name));
    }

    [Fact]
    public void OutputNames_CaseWithoutAList_AreTheTensorsWithToleranceOrNamedAsOutputsOnly()
    {
        GoldenTensor one = new([1f], 1);
        object json = new
        {
            tolerances = new { both = new { atol = 1, rtol = 0 } },
            inputs = new Dictionary<string, string> { ["input.*"] = "", ["both"] = "" },
            outputs = new Dictionary<string, string> { ["layer.0..1, mask"] = "", ["input.x"] = "" },
        };
        GoldenFixture.Write(_folder.Path, "m", "c", json,
            new Dictionary<string, GoldenTensor> { ["both"] = one, ["layer.0"] = one, ["layer.1"] = one, ["layer.2"] = one, ["mask"] = one });
        using GoldenCase golden = GoldenCase.Load(_folder["m/c"]);
        Assert.Equal(["both", "layer.0", "layer.1", "mask"], golden.OutputNames.Order());
    }

    private TensorResult Compare(object json, GoldenTensor want, GoldenTensor? got, IReadOnlyDictionary<string, GoldenTensor>? more = null)
    {
        Dictionary<string, GoldenTensor> expected = new() { ["y"] = want };
        GoldenFixture.Write(_folder.Path, "m", "c", json, more ?? expected);
        using GoldenCase golden = GoldenCase.Load(_folder["m/c"]);
        return Assert.Single(new TensorComparer(golden, expected)
            .Compare(got is null ? new Dictionary<string, GoldenTensor>() : new Dictionary<string, GoldenTensor> { ["y"] = got }));
    }
}
