package onnx

// compiler turns a node into a kernel: it types the outputs, reads the
// attributes and refuses what the kernel would not compute.
type compiler func(n *node) (kernel, error)

// The operator sets that are known. Newer ones may change an operator's meaning.
// The operators are those of 9 to 21; what an older set has in common with 9
// runs as well (converters of LightGBM write 8), and what it has not comes as an
// attribute or a number of inputs that is refused.
const (
	minOpset, maxOpset     = 1, 21
	minMLOpset, maxMLOpset = 1, 5
	mlDomain               = "ai.onnx.ml"
)

// lookup finds the compiler of a node's operator.
func lookup(n *node) (compiler, error) {
	table, least, most := mainOperators, minOpset, maxOpset
	switch n.domain {
	case "":
	case mlDomain:
		table, least, most = mlOperators, minMLOpset, maxMLOpset
	default:
		return nil, n.refuse("the domain is not supported")
	}
	if n.opset < least || n.opset > most {
		return nil, n.refuse("opsets %d to %d of this domain are supported", least, most)
	}
	compile, ok := table[n.op]
	if !ok {
		return nil, n.refuse("the operator is not supported")
	}
	return compile, nil
}

// mainOperators are the operators of the main domain.
var mainOperators = map[string]compiler{
	"Abs": compileAbs, "Neg": compileNeg, "Sign": compileSign, "Floor": unaryFloat(floor),
	"Reciprocal": unaryFloat(reciprocal), "Sqrt": unaryFloat(sqrt), "Exp": unaryFloat(exp),
	"Log": unaryFloat(log), "Erf": unaryFloat(erf), "Sigmoid": unaryFloat(sigmoid),
	"Tanh": unaryFloat(tanh), "Relu": compileRelu, "Not": compileNot, "IsNaN": compileIsNaN,
	"Identity": compileIdentity, "Cast": compileCast, "CastLike": compileCastLike, "Clip": compileClip,

	"Add": compileAdd, "Sub": compileSub, "Mul": compileMul, "Div": compileDiv, "Pow": compilePow,
	"And": compileAnd, "Or": compileOr, "Equal": compileEqual, "Greater": compileGreater,
	"GreaterOrEqual": compileGreaterOrEqual, "Less": compileLess, "LessOrEqual": compileLessOrEqual,
	"Max": compileMax, "Min": compileMin, "Sum": compileSum, "Where": compileWhere,

	"ReduceSum": compileReduce(reduceSum), "ReduceMean": compileReduce(reduceMean),
	"ReduceMax": compileReduce(reduceMax), "ReduceMin": compileReduce(reduceMin),
	"ReduceProd": compileReduce(reduceProd), "ReduceSumSquare": compileReduce(reduceSumSquare),
	"ReduceL1": compileReduce(reduceL1), "ReduceL2": compileReduce(reduceL2),
	"ReduceLogSum": compileReduce(reduceLogSum), "ReduceLogSumExp": compileReduce(reduceLogSumExp),
	"LpNormalization": compileLpNormalization,
	"ArgMax":          compileArg(true), "ArgMin": compileArg(false), "CumSum": compileCumSum,
	"Softmax": compileSoftmax, "TopK": compileTopK,

	"Reshape": compileReshape, "Flatten": compileFlatten, "Squeeze": compileSqueeze,
	"Unsqueeze": compileUnsqueeze, "Shape": compileShape, "Expand": compileExpand, "Tile": compileTile,
	"Transpose": compileTranspose, "Concat": compileConcat, "Split": compileSplit, "Slice": compileSlice,
	"Constant": compileConstant, "ConstantOfShape": compileConstantOfShape,
	"Gather": compileGather, "GatherElements": compileGatherElements, "GatherND": compileGatherND,

	"MatMul": compileMatMul, "Gemm": compileGemm,
}

// mlOperators are the operators of ai.onnx.ml.
var mlOperators = map[string]compiler{
	"TreeEnsembleRegressor": compileTreeRegressor, "TreeEnsembleClassifier": compileTreeClassifier,
	"TreeEnsemble":    compileTreeEnsemble,
	"LinearRegressor": compileLinearRegressor, "LinearClassifier": compileLinearClassifier,
	"Scaler": compileScaler, "Normalizer": compileNormalizer, "Imputer": compileImputer,
	"Binarizer": compileBinarizer, "FeatureVectorizer": compileFeatureVectorizer,
	"ArrayFeatureExtractor": compileArrayFeatureExtractor, "OneHotEncoder": compileOneHotEncoder,
	"LabelEncoder": compileLabelEncoder, "CategoryMapper": compileCategoryMapper, "ZipMap": compileZipMap,
}
