// Package datasets turns public data sets into case histories, and makes a synthetic population.
//
// NIJ reads the files of the Recidivism Forecasting Challenge of the US National Institute of Justice (2021), COMPAS the
// scores of Broward County that ProPublica published in 2016 (their identifying columns removed), and Synthetic draws people
// whose risks follow a stated process. Each keeps protected attributes, names and outcomes out of the histories, in
// values of their own.
package datasets
