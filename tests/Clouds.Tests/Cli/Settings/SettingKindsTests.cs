using System.Text.Json.Serialization;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Settings;

namespace Clouds.Tests.Cli.Settings;

[Kind(TestKind.Fast)]
public sealed class SettingKindsTests
{
    [Fact]
    public void Load_NoKindGiven_ChangesThePresentKind()
    {
        Garage garage = SettingsReader.Load<Garage>(null, ["vehicle.wheels=3"]).Value;
        Assert.Equal(new Cart { Wheels = 3 }, garage.Vehicle);
    }

    [Fact]
    public void Load_AnotherKind_StartsFromItsDefaults()
    {
        LoadedSettings<Garage> loaded = SettingsReader.Load<Garage>(null, ["vehicle.wheels=3", "vehicle.kind=boat", "vehicle.sails=2"]);
        Assert.Equal(new Boat { Sails = 2 }, loaded.Value.Vehicle);
        Assert.Equal(
            ["vehicle.kind boat --set", "vehicle.sails 2 --set", "vehicle.masts 1 default"],
            loaded.Provenance.Leaves.Select(leaf => $"{leaf.Key} {leaf.Value} {leaf.Origin}"));
    }

    [Fact]
    public void Load_TheSameKindAgain_KeepsWhatWasSet() =>
        Assert.Equal(new Cart { Wheels = 3 }, SettingsReader.Load<Garage>(null, ["vehicle.wheels=3", "vehicle.kind=cart"]).Value.Vehicle);

    [Fact]
    public void Load_PresetOfAnotherKind_IsCredited()
    {
        LoadedSettings<Garage> loaded = SettingsReader.Load(null, [], new Garage { Vehicle = new Boat() }, "sea");
        Assert.Equal("preset sea", loaded.Provenance.Leaves[0].Origin);
        Assert.Equal("default", loaded.Provenance.Leaves[1].Origin);
    }

    [Fact]
    public void Load_NameOfARecord_IsTheRecordAndMayBeChanged()
    {
        LoadedSettings<Garage> loaded = SettingsReader.Load<Garage>(null, ["vehicle.kind=schooner", "vehicle.sails=7"]);
        Assert.Equal(new Boat { Sails = 7, Masts = 2 }, loaded.Value.Vehicle);
        Assert.Equal(
            ["vehicle.kind boat --set", "vehicle.sails 7 --set", "vehicle.masts 2 --set"],
            loaded.Provenance.Leaves.Select(leaf => $"{leaf.Key} {leaf.Value} {leaf.Origin}"));
    }

    [Fact]
    public void Load_UnknownKind_ListsTheKnown()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SettingsReader.Load<Garage>(null, ["vehicle.kind=boot"]));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Equal(("'boot'", "did you mean 'boat'?"), (failure.Found, failure.Next));
        Assert.Contains("cart, boat, schooner", failure.Message);
    }

    [Fact]
    public void Load_SettingOfAnotherKind_IsUnknown()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SettingsReader.Load<Garage>(null, ["vehicle.sails=2"]));
        Assert.Contains("'sails' in 'vehicle'", failure.Found);
    }

    private sealed record Garage
    {
        public Vehicle Vehicle { get; init; } = new Cart();
    }

    [NamedRecords(nameof(Named))]
    [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
    [JsonDerivedType(typeof(Cart), "cart")]
    [JsonDerivedType(typeof(Boat), "boat")]
    private abstract record Vehicle
    {
        public static IReadOnlyDictionary<string, Vehicle> Named { get; } =
            new Dictionary<string, Vehicle> { ["schooner"] = new Boat { Sails = 5, Masts = 2 } };
    }

    private sealed record Cart : Vehicle
    {
        [Setting(Min = 1)]
        public int Wheels { get; init; } = 4;
    }

    private sealed record Boat : Vehicle
    {
        public int Sails { get; init; }

        public int Masts { get; init; } = 1;
    }
}
