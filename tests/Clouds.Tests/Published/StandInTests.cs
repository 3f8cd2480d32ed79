using System.Reflection;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Published;

[Kind(TestKind.Published)]
public class StandInTests
{
    private static string[] Table => [.. typeof(CudaDriver).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
        .Select(entry => entry.Name).Where(name => name.StartsWith("cu", StringComparison.Ordinal))];

    // ONNX Runtime's CUDA provider is linked against one that we do not use.
    private static IEnumerable<string> Wanted => Table.Append("cuTensorMapEncodeTiled").Order();

    [Fact]
    public void EmulatedDriver_HasTheEntryPointsOfTheProductsTableAndTheProvider_AndNoOthers()
        => Assert.Equal(Wanted, EmulatedDriver.EntryPoints.Order());

    [PublishedFact(PublishedNeeds.StandIn)]
    public void Library_ExportsTheEntryPointsOfTheProductsTableAndTheProvider_AndNoOthers()
        => Assert.Equal(Wanted, DynamicSymbols.DefinedIn(PublishedClouds.StandIn!).Where(name => name.StartsWith("cu", StringComparison.Ordinal)).Order());
}
