using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;
using Clouds.Native.Downloads;

namespace Clouds.Tests.Native.Catalogue;

[Kind(TestKind.Fast)]
public sealed class ModelImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallManifest _small = new();

    private string WeightPath => _folder["weights.bin"];

    private string Output => _folder["out.safetensors"];

    private ModelCatalogue Catalogue
    {
        get
        {
            string manifests = Directory.CreateDirectory(_folder["manifests"]).FullName;
            _small.Save(manifests);
            return ModelCatalogue.BuiltIn.With(manifests);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("model.")]
    [InlineData("state_dict.module.")]
    public void File_OfAPublishedModel_IsKnownByItsTensorsBelowAnyKeys(string below)
    {
        _small.Write(WeightPath, tensors => tensors.Select(tensor => tensor with { Name = below + tensor.Name }));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal(("small", "torchvision", below), (import.Report.Entry!.Name, import.Report.Names, import.Report.Below));
        Assert.Equal((10, 10, 0), (import.Report.Matched, import.Report.Taken, import.Report.Faults.Count));
        Assert.Equal("in_rn50", import.Report.Configuration["encoder"]);
        Assert.True(import.Report.IsUsable);
    }

    [Fact]
    public void Write_IsTheModelUnderOurNamesWithItsReport()
    {
        _small.Write(WeightPath);
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        import.Write(Output);
        using WeightSource written = WeightSource.Open(Output);
        Assert.Equal(10, written.Tensors.Count);
        Assert.Equal([1, 0, 0, 0, 0, 0], written.ReadFloats("backbone.conv1.weight"));
        Assert.Equal(WeightType.I64, written.Entry("backbone.bn1.num_batches_tracked").Type);
        Assert.Equal("MIT", written.Metadata["licence"]);
        JsonElement report = JsonElement.Parse(written.Metadata["clouds.import"]);
        Assert.Equal("small", report.GetProperty("model").GetString());
        Assert.Equal(import.Report.Files[0].Sha256, report.GetProperty("files")[0].GetProperty("sha256").GetString());
        Assert.DoesNotContain(_folder.Path, written.Metadata["clouds.import"], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfWhatWasWritten_GivesTheSameTensors()
    {
        _small.Write(WeightPath);
        ModelCatalogue catalogue = Catalogue;
        using (ModelImport first = ModelImport.Open(WeightPath, catalogue))
        {
            first.Write(Output);
        }

        using ModelImport again = ModelImport.Open(Output, catalogue);
        Assert.Equal(("small", 10), (again.Report.Entry!.Name, again.Report.Matched));
        again.Write(_folder["again.safetensors"]);
        using WeightSource a = WeightSource.Open(Output), b = WeightSource.Open(_folder["again.safetensors"]);
        Assert.Equal(TensorDigest.Of(a, null, default), TensorDigest.Of(b, null, default), (x, y) => (x.Name, x.Sha256) == (y.Name, y.Sha256));
    }

    [Fact]
    public void File_WithoutWhatOldFilesLack_AndWithWhatNobodyTakes_IsUsable()
    {
        _small.Write(WeightPath, tensors => tensors.Where(tensor => tensor.Type != WeightType.I64)
            .Append(new TensorDeclaration("ema.conv1.weight", WeightType.F32, [2, 3])));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal((9, 9, 1, 0), (import.Report.Matched, import.Report.Taken, import.Report.Left, import.Report.Faults.Count));
    }

    [Fact]
    public void File_InHalfPrecision_IsUsableAndStaysSo()
    {
        _small.Write(WeightPath, tensors => tensors.Select(tensor => tensor.Type == WeightType.F32 ? tensor with { } : tensor)
            .Select(tensor => new TensorDeclaration(tensor.Name, tensor.Type == WeightType.F32 ? WeightType.F16 : tensor.Type, tensor.Shape)), value: 0);
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        import.Write(Output);
        using WeightSource written = WeightSource.Open(Output);
        Assert.Equal(WeightType.F16, written.Entry("backbone.conv1.weight").Type);
    }

    [Fact]
    public void File_ThatLacksReshapesAndAdds_IsToldAllOfItWithNearestNames()
    {
        _small.Write(WeightPath, tensors => tensors.Select(tensor => tensor.Name switch
        {
            "bn1.bias" => new TensorDeclaration("bn1.bais", WeightType.F32, [2]),
            "layer1.2.conv3.weight" => new TensorDeclaration(tensor.Name, WeightType.F32, [4, 2]),
            "layer1.1.conv3.weight" => new TensorDeclaration(tensor.Name, WeightType.I32, [2, 2]),
            _ => tensor,
        }));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal(
            [
                new TensorFault(TensorFaultKind.Missing, "bn1.bias", null, "F32 [2]", "bn1.bais"),
                new TensorFault(TensorFaultKind.MisTyped, "layer1.1.conv3.weight", "I32 [2, 2]", "F32 [2, 2]", null),
                new TensorFault(TensorFaultKind.MisShaped, "layer1.2.conv3.weight", "F32 [4, 2]", "F32 [2, 2]", null),
                new TensorFault(TensorFaultKind.Unexpected, "bn1.bais", "F32 [2]", null, "bn1.bias"),
            ],
            import.Report.Faults);
        CloudsException e = Assert.Throws<CloudsException>(() => import.Write(Output));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains("1 tensors missing, 1 mis-shaped, 1 mis-typed, 1 unexpected", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void File_WithMoreThanTheModel_IsUsableAndLeavesItBehind()
    {
        _small.Write(WeightPath, tensors => tensors.Append(new TensorDeclaration("extra.weight", WeightType.F32, [1])));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal(TensorFaultKind.Unexpected, Assert.Single(import.Report.Faults).Kind);
        import.Write(Output);
        using WeightSource written = WeightSource.Open(Output);
        Assert.Equal(10, written.Tensors.Count);
    }

    // Names of 60,000 others would be compared letter by letter for minutes.
    [Fact]
    public void File_WithVeryManyOtherTensors_IsToldWithoutNearestNames()
    {
        _small.Write(WeightPath, tensors => tensors.Where(tensor => tensor.Name != "bn1.bias")
            .Concat(Enumerable.Range(0, 60_000).Select(i => new TensorDeclaration($"bn{i + 2}.a.name.of.usual.length.weight", WeightType.F32, [1]))));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue, "small");
        Assert.Equal((1, 60_000), (import.Report.Count(TensorFaultKind.Missing), import.Report.Count(TensorFaultKind.Unexpected)));
        Assert.All(import.Report.Faults, fault => Assert.Null(fault.Nearest));
    }

    [Fact]
    public void File_WithTwoModelsOrAnAverage_TakesTheOneBelowFewerKeys()
    {
        _small.Write(WeightPath, tensors => tensors.SelectMany(tensor => new[]
        {
            tensor with { Name = "model_ema." + tensor.Name }, tensor with { Name = "model." + tensor.Name },
        }));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal(("model.", 10), (import.Report.Below, import.Report.Outside));
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-infinity")]
    public void File_ThatIsNotFinite_IsToldEveryTensorAndRefused(float value, string word)
    {
        _small.Write(WeightPath, value: value);
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal(9, import.Report.Count(TensorFaultKind.NotFinite));
        Assert.StartsWith($"{word} at element 0", import.Report.Faults[0].Found, StringComparison.Ordinal);
        Assert.Equal(Failure.Numeric, Assert.Throws<CloudsException>(() => import.Write(Output)).Failure);
    }

    [Fact]
    public void File_ThatMayBeTwoModels_WantsToBeTold()
    {
        _small.Write(WeightPath);
        _small.Save(Directory.CreateDirectory(_folder["manifests"]).FullName);
        _small.With("name", "twin").With("files", Files(new string('0', 64)));
        ModelCatalogue catalogue = Catalogue;
        CloudsException e = Assert.Throws<CloudsException>(() => ModelImport.Open(WeightPath, catalogue));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains("small or twin", e.Message, StringComparison.Ordinal);
        using ModelImport import = ModelImport.Open(WeightPath, catalogue, "twin");
        Assert.Equal("twin", import.Report.Entry!.Name);
        Assert.False(import.Report.IsPublished);
    }

    [Fact]
    public void File_ThatMayBeTwoModels_IsToldByAPublishedDigest()
    {
        _small.Write(WeightPath);
        _small.Save(Directory.CreateDirectory(_folder["manifests"]).FullName);
        _small.With("name", "twin").With("files", Files(FileDigest.Of(WeightPath, null, default)[..8]));
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Equal(("twin", true), (import.Report.Entry!.Name, import.Report.IsPublished));
    }

    [Fact]
    public void File_ThatIsAnotherModelThanNamed_IsRefused()
    {
        _small.Write(WeightPath);
        CloudsException e = Assert.Throws<CloudsException>(() => ModelImport.Open(WeightPath, Catalogue, "mit_b5"));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains("mit_b5", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_WhoseNamesNobodyKnows_IsReportedAndRefused()
    {
        _small.Write(WeightPath, _ => [new TensorDeclaration("something.else", WeightType.F32, [2])]);
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Null(import.Report.Entry);
        Assert.False(import.Report.IsUsable);
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(import.RequireUsable).Failure);
    }

    [Fact]
    public void Write_OverTheFileItself_IsRefused()
    {
        _small.Write(Output);
        using ModelImport import = ModelImport.Open(Output, Catalogue);
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => import.Write(Path.Combine(_folder.Path, ".", "out.safetensors"))).Failure);
    }

    [Fact]
    public void Write_Cancelled_LeavesNothing()
    {
        _small.Write(WeightPath);
        using ModelImport import = ModelImport.Open(WeightPath, Catalogue);
        Assert.Throws<OperationCanceledException>(() => import.Write(Output, null, new CancellationToken(canceled: true)));
        Assert.Equal(["weights.bin"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    private static JsonArray Files(string digest) =>
        [new JsonObject { ["name"] = "small.pth", ["url"] = "https://example.org/small.pth", ["sha256"] = digest }];
}
