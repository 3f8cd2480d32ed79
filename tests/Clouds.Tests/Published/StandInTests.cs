using System.Reflection;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Published;

[Kind(TestKind.Published)]
public class StandInTests
{
    private static string[] Table => [.. typeof(CudaDriver).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
        .Select(entry => entry.Name).Where(name => name.StartsWith("cu", StringComparison.Ordinal)).Order()];

    [Fact]
    public void EmulatedDriver_HasTheEntryPointsOfTheProductsTable_AndNoOthers()
        => Assert.Equal(Table, EmulatedDriver.EntryPoints.Order());

    [PublishedFact(PublishedNeeds.StandIn)]
    public void Library_ExportsTheEntryPointsOfTheProductsTable_AndNoOthers()
        => Assert.Equal(Table, DynamicSymbols.DefinedIn(PublishedClouds.StandIn!).Where(name => name.StartsWith("cu", StringComparison.Ordinal)).Order());
}
