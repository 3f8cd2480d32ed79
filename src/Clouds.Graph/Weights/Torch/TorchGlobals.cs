using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// The short list: every class and function that a checkpoint may name. Nothing on it is run. What rebuilds tensors and containers is done here in C#,
/// what makes data that no network needs becomes <see cref="PickleData"/>, and any other name is refused.
/// </summary>
internal static class TorchGlobals
{
    private static readonly HashSet<string> Containers = Names("""
        collections.OrderedDict collections.defaultdict collections.Counter collections.deque
        builtins.dict builtins.list builtins.set builtins.frozenset __builtin__.dict __builtin__.list __builtin__.set __builtin__.frozenset
        """);

    private static readonly HashSet<string> Rebuilders = Names("""
        torch._utils._rebuild_tensor torch._utils._rebuild_tensor_v2 torch._utils._rebuild_tensor_v3
        torch._tensor._rebuild_from_type torch._tensor._rebuild_from_type_v2
        """);

    // Made from the value that is their first argument.
    private static readonly HashSet<string> Wrappers = Names("""
        torch.Size torch.Tensor torch.nn.parameter.Parameter torch.nn.parameter.Buffer torch.nn.Parameter torch.autograd.variable.Variable
        torch._utils._rebuild_parameter torch._utils._rebuild_parameter_with_state builtins.tuple __builtin__.tuple
        torch.jit._pickle.build_intlist torch.jit._pickle.build_tensorlist torch.jit._pickle.build_doublelist torch.jit._pickle.build_boollist
        torch.jit._pickle.restore_type_tag
        """);

    // Settings, times, paths, random states and schedules of the training.
    private static readonly HashSet<string> Data = Names("""
        builtins.object builtins.slice builtins.range builtins.complex builtins.bytearray builtins.bytes builtins.int builtins.float builtins.str builtins.bool
        __builtin__.object __builtin__.slice __builtin__.xrange __builtin__.complex __builtin__.bytearray __builtin__.bytes __builtin__.range
        __builtin__.int __builtin__.float __builtin__.str __builtin__.unicode __builtin__.bool __builtin__.long
        builtins.Ellipsis __builtin__.Ellipsis builtins.NotImplemented __builtin__.NotImplemented
        argparse.Namespace types.SimpleNamespace typing.Any
        datetime.datetime datetime.date datetime.time datetime.timedelta datetime.timezone uuid.UUID decimal.Decimal fractions.Fraction
        pathlib.Path pathlib.PosixPath pathlib.PurePosixPath pathlib.WindowsPath pathlib.PureWindowsPath
        pathlib._local.Path pathlib._local.PosixPath pathlib._local.PurePosixPath pathlib._local.WindowsPath pathlib._local.PureWindowsPath
        yacs.config.CfgNode fvcore.common.config.CfgNode detectron2.config.config.CfgNode easydict.EasyDict addict.addict.Dict
        mmcv.utils.config.ConfigDict mmengine.config.config.ConfigDict
        omegaconf.dictconfig.DictConfig omegaconf.listconfig.ListConfig omegaconf.base.ContainerMetadata omegaconf.base.Metadata
        omegaconf.nodes.AnyNode omegaconf.nodes.StringNode omegaconf.nodes.IntegerNode omegaconf.nodes.FloatNode omegaconf.nodes.BooleanNode
        pytorch_lightning.utilities.parsing.AttributeDict pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint
        pytorch_lightning.callbacks.early_stopping.EarlyStopping
        torch.device torch.strided torch.sparse_coo torch.contiguous_format torch.channels_last torch.preserve_format torch.serialization._get_layout
        torch.Generator torch.torch_version.TorchVersion torch.version.Version
        numpy.core.multiarray.scalar numpy._core.multiarray.scalar numpy.random._pickle.__randomstate_ctor numpy.random._pickle.__generator_ctor
        numpy.random._pickle.__bit_generator_ctor numpy.random.__RandomState_ctor numpy.random._mt19937.MT19937 numpy.random._pcg64.PCG64
        numpy.random._pcg64.PCG64DXSM numpy.random._philox.Philox numpy.random._sfc64.SFC64
        numpy.random.bit_generator.__pyx_unpickle_SeedSequence numpy.random.bit_generator.SeedSequence
        numpy.float64 numpy.float32 numpy.float16 numpy.int64 numpy.int32 numpy.int16 numpy.int8 numpy.uint64 numpy.uint32 numpy.uint16 numpy.uint8
        numpy.bool_ numpy.bool numpy.str_
        """);

    /// <summary>Makes an object of a class that it is given.</summary>
    public static bool IsReconstructor(string path) =>
        path is "copyreg._reconstructor" or "copy_reg._reconstructor" or "copyreg.__newobj__" or "copy_reg.__newobj__";

    /// <summary>Whether it makes a tensor from a storage.</summary>
    public static bool IsRebuilder(string path) => Rebuilders.Contains(path);

    /// <summary>Whether it is a container.</summary>
    public static bool IsContainer(string path) => Containers.Contains(path);

    /// <summary>Whether what it makes is its first argument.</summary>
    public static bool IsWrapper(string path) => Wrappers.Contains(path);

    /// <summary>Whether what it makes is data that no network needs.</summary>
    public static bool IsData(string path) => Data.Contains(path) || TorchTypes.Knows(path) || path.StartsWith("numpy.dtypes.", StringComparison.Ordinal);

    private static HashSet<string> Names(string text) => new(text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);
}
